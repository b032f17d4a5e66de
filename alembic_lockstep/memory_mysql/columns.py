"""A column: read from its definition in a statement, and described as in SHOW CREATE TABLE."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import charsets, column_limits, column_types, defaults
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, syntax_error
from alembic_lockstep.memory_mysql.expression_places import DEFAULT, GENERATED, check_functions, require_own_column
from alembic_lockstep.memory_mysql.expressions import Expression, expression
from alembic_lockstep.memory_mysql.identifiers import identifier, require_constraint_name
from alembic_lockstep.memory_mysql.literals import decoded, encoded, quoted
from alembic_lockstep.schema import grammar
from alembic_lockstep.schema.grammar import Clause
from alembic_lockstep.schema.sql import Token, written
from alembic_lockstep.schema.types import INTEGER_BITS, TEXT_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection

    from alembic_lockstep.schema.sql import Cursor


_UNSUPPORTED = frozenset(
    "SRID COLUMN_FORMAT STORAGE ENGINE_ATTRIBUTE SECONDARY_ENGINE_ATTRIBUTE NOT BINARY ASCII UNICODE BYTE".split()
)
"""Words in a column's definition that only a server understands."""
_LONGEST_COMMENT = 1024
LONGEST = 16_383
"""Bytes of a column that are far from too many for a row."""


@dataclass(slots=True, eq=False)
class Column:
    """A column, each attribute in the server's words.

    Attributes:
        type: such as `varchar(20)` or `int unsigned`.
        charset: that of a string type.
        collation: that of a string type.
        explicit: character set or collation were given with the column.
        explicit_null: NULL was given with the column, in the statement that is being executed.
        default: what follows DEFAULT; None if there is no default.
        on_update: what follows ON UPDATE.
        generated: the expression of a computed column.
        stored: a computed column is STORED, not VIRTUAL.
        constraints: those in the definition that the table does not have yet.
    """

    name: str
    type: str = ""
    charset: str | None = None
    collation: str | None = None
    explicit: bool = False
    nullable: bool = True
    explicit_null: bool = False
    default: Expression | None = None
    on_update: str | None = None
    auto_increment: bool = False
    generated: Expression | None = None
    stored: bool = False
    comment: str = ""
    invisible: bool = False
    constraints: list[Clause] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The type's name alone."""
        return column_types.name_of(self.type)

    def described(self, table_collation: str) -> str:
        """Return the column's line in SHOW CREATE TABLE."""
        words = [quoted(self.name), self.type]
        if self.collation is not None and self.charset is not None:
            if self.explicit or self.charset != charsets.charset_of(table_collation):
                words.append(f"CHARACTER SET {self.charset}")
            if self.explicit or self.collation != charsets.COLLATIONS.get(self.charset):
                words.append(f"COLLATE {self.collation}")
        if self.generated is not None:
            words.append(f"GENERATED ALWAYS AS ({self.generated.text}) {'STORED' if self.stored else 'VIRTUAL'}")
        if not self.nullable:
            words.append("NOT NULL")
        elif self.kind == "timestamp":
            words.append("NULL")
        words += [f"DEFAULT {self.default.text}"] if self.default is not None else []
        words += [f"ON UPDATE {self.on_update}"] if self.on_update else []
        words += ["AUTO_INCREMENT"] if self.auto_increment else []
        words += ["/*!80023 INVISIBLE */"] if self.invisible else []
        words += [f"COMMENT {encoded(self.comment)}"] if self.comment else []
        return " ".join(words)

    def forbid_null(self) -> None:
        """Make the column NOT NULL, as a primary key requires of its columns."""
        self.nullable = False
        if self.default == Expression("NULL"):
            self.default = None

    def require_value(self) -> None:
        """Make the column NOT NULL, unless its definition says NULL.

        Raises:
            OperationalError: it does.
        """
        if self.explicit_null:
            text = "All parts of a PRIMARY KEY must be NOT NULL; if you need NULL in a key, use UNIQUE instead"
            raise OperationalError(1171, text)
        self.forbid_null()


def read(cursor: Cursor, columns: Collection[str], table_collation: str) -> Column:
    """Read a column definition up to its end, FIRST or AFTER.

    Args:
        cursor: at the column's name.
        columns: the names that an expression may use.
        table_collation: the collation of strings that specify none.

    Raises:
        DatabaseError: MySQL would refuse it.
        NeedsServerError: a part of it is not supported.
    """
    column = Column(identifier(cursor))
    _read_type(column, cursor)
    default: list[Token] | None = None
    while not cursor.over() and cursor.word() not in {"FIRST", "AFTER"}:
        require_constraint_name(cursor)
        clause = grammar.clause(cursor)
        if clause.kind == "CHECK":
            require_own_column(expression(clause.tokens, {*columns, column.name}), clause.name or "", column.name)
        if clause.name is not None or not _read_clause(column, clause, {*columns, column.name}):
            column.constraints.append(_constraint(column, clause))
        elif clause.kind == "DEFAULT":
            default = clause.tokens
    if column.auto_increment and column.kind not in INTEGER_BITS:
        raise OperationalError(1063, f"Incorrect column specifier for column '{column.name}'")
    _complete_type(column, table_collation)
    _check_clauses(column, default)
    if default is not None and not column.auto_increment:
        column.default = defaults.default(default, column.name, column.type, columns, column.charset)
        if column.default is not None:
            check_functions(column.default, DEFAULT, column.name)
    elif column.nullable and column.kind not in TEXT_BYTES and column.generated is None:
        column.default = Expression("NULL")
    return column


def _check_clauses(column: Column, default: list[Token] | None) -> None:
    """Check the clauses of a definition against each other.

    Args:
        column: complete but for its default.
        default: what follows DEFAULT, None if there is none.
    """
    if len(column.comment) > _LONGEST_COMMENT:
        raise OperationalError(1629, f"Comment for field '{column.name}' is too long (max = {_LONGEST_COMMENT})")
    if column.generated is not None:
        _check_generated(column, default)
    moment = defaults.current_timestamp(default) if default else None
    if moment is not None and not defaults.fits_moment(moment, column.type):
        raise defaults.invalid(column.name)
    if column.on_update is not None and not defaults.fits_moment(column.on_update, column.type):
        raise OperationalError(1294, f"Invalid ON UPDATE clause for '{column.name}' column")
    null = default is not None and defaults.is_null(default)
    if default is not None and (not null if column.auto_increment else null and not column.nullable):
        raise defaults.invalid(column.name)
    column.explicit_null = column.explicit_null or (null and not column.auto_increment)


def _check_generated(column: Column, default: list[Token] | None) -> None:
    clauses = {"DEFAULT": default is not None, "ON UPDATE": column.on_update, "AUTO_INCREMENT": column.auto_increment}
    for clause, given in clauses.items():
        if given:
            raise OperationalError(1221, f"Incorrect usage of {clause} and generated column")


def convert(column: Column, collation: str) -> None:
    """Give a text column another character set; a long text becomes as large as its characters may need.

    Raises:
        NeedsServerError: how it is converted is not known.
    """
    if column.kind not in column_types.STRINGS or column.charset is None:
        return
    before, charset = column.charset, charsets.charset_of(collation)
    if charset == "binary":
        raise NeedsServerError("converts text to binary")
    wider = charsets.bytes_per_character(charset) > charsets.bytes_per_character(before)
    if wider and column.kind in {"char", "varchar"}:
        _require_length(column, charset)
    elif wider and column.kind in TEXT_BYTES:
        characters = TEXT_BYTES[column.kind] // charsets.bytes_per_character(before)
        size = min(characters * charsets.bytes_per_character(charset), TEXT_BYTES["longtext"])
        column.type = column_types.smallest_holding("text", size)
    column.charset, column.collation = charset, collation


def _require_length(column: Column, charset: str) -> None:
    if int("".join(re.findall(r"\d+", column.type)) or 0) * charsets.bytes_per_character(charset) > LONGEST:
        raise NeedsServerError(f"makes the column {column.name} longer than a row may be")


def _read_type(column: Column, cursor: Cursor) -> None:
    read = column_types.read_type(cursor, column.name)
    column.type = read.text
    if read.charset is not None:
        column.charset, column.explicit = read.charset, True
    if read.serial:
        column.nullable, column.auto_increment = False, True
        column.constraints.append(Clause("UNIQUE"))


def _complete_type(column: Column, table_collation: str) -> None:
    """Fill in the character set and the collation of a string; resolve TEXT(n) and BLOB(n)."""
    if column.kind in column_types.STRINGS:
        if column.collation is None:
            column.collation = table_collation if column.charset is None else charsets.COLLATIONS[column.charset]
        charsets.check_fit(column.charset, column.collation)
        column.charset = charsets.charset_of(column.collation)
        if column.kind in column_types.ENUMERATIONS:
            members = column_types.members_of(column.type)
            column_limits.check_members(column.kind, members, column.collation, column.name)
        elif column.charset == "binary":
            column.type = column_types.binary_twin(column.type)
            column.charset = column.collation = None
    elif column.charset is not None:
        raise syntax_error(Token("word", "CHARACTER SET"))
    else:
        column.collation = None
    _complete_size(column)


def _complete_size(column: Column) -> None:
    width = charsets.bytes_per_character(column.charset or "binary")
    if column.kind in {"varchar", "varbinary"}:
        column_limits.check_length(column.kind, column_types.numbers_of(column.type)[0], width, column.name)
    sized = re.fullmatch(r"(text|blob)\((\d+)\)", column.type)
    if sized:
        size = int(sized[2]) * width
        column.type = column_types.smallest_holding(sized[1], size)


def _read_clause(column: Column, clause: Clause, columns: Collection[str]) -> bool:  # noqa: C901 - a case each
    """Read a clause into the column; return whether it is one that describes a column."""
    argument = clause.tokens
    match clause.kind:
        case "NOT NULL":
            column.nullable = column.explicit_null = False
        case "NULL":
            column.nullable = column.explicit_null = True
        case "AUTO_INCREMENT":
            column.auto_increment, column.nullable = True, False
        case "VIRTUAL" | "STORED":
            column.stored = clause.kind == "STORED"
        case "INVISIBLE":
            column.invisible = True
        case "VISIBLE" | "DEFAULT":
            pass  # a default is read when the type is complete
        case "COMMENT":
            column.comment = decoded(argument[0].text)
        case "CHARACTER SET" | "CHARSET":
            column.charset, column.explicit = charsets.charset(argument[0].text), True
        case "COLLATE":
            column.collation, column.explicit = charsets.collation(argument[0].text), True
        case "ON UPDATE":
            column.on_update = defaults.current_timestamp(argument)
        case "GENERATED ALWAYS AS" | "AS":
            column.generated = expression(argument, columns)
            check_functions(column.generated, GENERATED, column.name)
        case _:
            return False
    return True


def _constraint(column: Column, clause: Clause) -> Clause:
    """Return a clause that is a constraint; KEY alone is a primary key.

    Raises:
        ProgrammingError: the clause is none of MySQL's.
        NeedsServerError: it is not supported.
    """
    if clause.kind in {"CHECK", "REFERENCES"} or (clause.kind in {"PRIMARY KEY", "UNIQUE"} and not clause.tokens):
        return clause
    text = f"{clause.kind} {written(clause.tokens)}".strip()
    if text.upper() == "KEY":
        return Clause("PRIMARY KEY")
    if text.upper() in _UNSUPPORTED:
        raise NeedsServerError(
            f"uses {text} in the column {column.name}, which the in-memory MySQL server does not support"
        )
    raise syntax_error(Token("word", text))
