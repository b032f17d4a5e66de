"""ALTER TABLE: its actions, in the order in which the server performs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import columns, defaults, definitions, table_rules
from alembic_lockstep.memory_mysql.constraints import INVISIBLE, Check
from alembic_lockstep.memory_mysql.database import table_name
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, syntax_error
from alembic_lockstep.memory_mysql.identifiers import identifier, require_no_word
from alembic_lockstep.schema import sql
from alembic_lockstep.schema.sql import Token

if TYPE_CHECKING:
    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.memory_mysql.database import Database
    from alembic_lockstep.memory_mysql.table import Table
    from alembic_lockstep.schema.sql import Cursor

_Part = TypeVar("_Part")
_UNSUPPORTED = frozenset(
    "AVG_ROW_LENGTH CHECKSUM COMPRESSION CONNECTION DATA DELAY_KEY_WRITE ENCRYPTION ENGINE_ATTRIBUTE INDEX "
    "INSERT_METHOD KEY_BLOCK_SIZE MAX_ROWS MIN_ROWS PACK_KEYS PASSWORD SECONDARY_ENGINE "
    "SECONDARY_ENGINE_ATTRIBUTE START STORAGE STATS_AUTO_RECALC STATS_PERSISTENT STATS_SAMPLE_PAGES TABLESPACE "
    "UNION AUTOEXTEND_SIZE PARTITION REMOVE COALESCE REORGANIZE EXCHANGE ANALYZE CHECK OPTIMIZE REBUILD REPAIR "
    "TRUNCATE DISCARD IMPORT ORDER WITH WITHOUT SECONDARY_LOAD SECONDARY_UNLOAD AS SELECT IGNORE REPLACE UPGRADE "
    "TABLES".split()
)
"""Words about a table that only a server understands."""
_DROPPED_FIRST = frozenset(["FOREIGN", "CHECK", "CONSTRAINT", "INDEX", "KEY", "PRIMARY"])


def alter_table(database: Database, cursor: Cursor) -> None:
    """Execute ALTER TABLE, from the table's name on.

    Raises:
        DatabaseError: MySQL would refuse it.
        NeedsServerError: an action is not supported.
    """
    before = database.table(table_name(cursor))
    actions = sorted((sql.Cursor(part) for part in sql.split(cursor.tokens[cursor.at :])), key=_position)
    alteration = _Alteration(before, before.draft(), _new_columns(actions), alone=len(actions) == 1)
    table = alteration.table
    new_name: str | None = None
    for action in actions:
        if action.word() == "RENAME" and action.peek(1).text.upper() not in {"COLUMN", "INDEX", "KEY"}:
            action.next()
            _ = action.take("TO") or action.take("AS")
            new_name = table_name(action)
        elif action.take("CONVERT", "TO"):
            _convert(database, table, action)
        else:
            alteration.perform(action)
        if not action.over():
            raise unsupported(action)
    cursor.at = len(cursor.tokens)
    if not table.columns:
        raise OperationalError(1090, "You can't delete all columns with ALTER TABLE; use DROP TABLE instead")
    table_rules.check_columns(table)
    table.settle()
    table.check_indexes()
    if new_name not in {None, table.name}:
        database.require_free(str(new_name))
    database.put(table, before, alteration.renamed)
    if new_name is not None:
        database.rename_table(table, new_name)


def unsupported(cursor: Cursor) -> BaseException:
    """Return the error about the next word of a statement about a table: only a server understands it, or nobody."""
    word = cursor.word()
    if word not in _UNSUPPORTED:
        return syntax_error(cursor.peek())
    return NeedsServerError(f"uses {cursor.peek().text} on a table, which the in-memory MySQL server does not support")


def _position(action: Cursor) -> int:
    """Return the rank of an action: drops of keys, drops of columns, renames, columns, keys and constraints."""
    if action.word() == "DROP":
        return 0 if action.peek(1).text.upper() in _DROPPED_FIRST else 1
    if action.word() == "RENAME":
        return 2
    adds_constraint = action.word() == "ADD" and definitions.is_constraint(sql.Cursor(action.tokens, 1))
    return 4 if adds_constraint else 3


def _new_columns(actions: list[Cursor]) -> list[str]:
    """Return the names of the columns that actions add."""
    names = []
    for action in actions:
        start = sql.Cursor(action.tokens)
        if start.take("ADD") and not definitions.is_constraint(start):
            start.take("COLUMN")
            parts = sql.split(start.group()) if start.opens() else [start.rest()]
            names += [part[0].text for part in parts]
    return names


@dataclass(slots=True)
class _Alteration:
    """The actions on a table and its columns.

    Attributes:
        before: the table as it was.
        table: the draft to change.
        added: the names of the columns that will be added.
        alone: there is but one action.
        renamed: new names of columns by their old ones.
        gone: columns that were dropped, changed or renamed, which no other action may name.
    """

    before: Table
    table: Table
    added: list[str]
    alone: bool
    renamed: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def perform(self, cursor: Cursor) -> None:
        """Perform one action."""
        if cursor.take("ADD"):
            self._add(cursor)
        elif cursor.take("DROP"):
            self._drop(cursor)
        elif cursor.take("MODIFY"):
            cursor.take("COLUMN")
            self._change_column(cursor.peek(), cursor)
        elif cursor.take("CHANGE"):
            cursor.take("COLUMN")
            self._change_column(cursor.next(), cursor)
        elif cursor.take("ALTER"):
            _alter_part(self.table, cursor)
        elif cursor.take("RENAME", "COLUMN"):
            old = self._existing(cursor.next())
            cursor.take("TO")
            new = identifier(cursor)
            self.table.require_not_in_index(old)
            self._require_free(old, new)
            self.renamed[old] = new
            self.table.rename_column(old, new)
        elif cursor.take("RENAME", "INDEX") or cursor.take("RENAME", "KEY"):
            _rename_key(self.table, cursor)
        else:
            definitions.read_options(self.table, cursor)

    def _existing(self, token: Token) -> str:
        """Return the name of a column that was there before, and that no other action changes.

        Raises:
            OperationalError: there is none.
        """
        require_no_word(token)
        column = self.before.find(token.text)
        if column is None or column.name in self.gone:
            raise OperationalError(1054, f"Unknown column '{token.text}' in '{self.table.name}'")
        self.gone.add(column.name)
        return column.name

    def _names(self) -> list[str]:
        """Return the names that an expression may use."""
        return [*self.table.names(), *self.added]

    def _add(self, cursor: Cursor) -> None:
        if definitions.is_constraint(cursor):
            definitions.add_constraint(self.table, cursor)
            return
        cursor.take("COLUMN")
        if cursor.opens():
            for part in sql.split(cursor.group()):
                definitions.add_column(self.table, sql.Cursor(part), self._names())
        else:
            definitions.add_column(self.table, cursor, self._names())

    def _change_column(self, named: Token, cursor: Cursor) -> None:
        """Replace a column by a new definition."""
        table = self.table
        changed = columns.read(cursor, [*self._names(), cursor.peek().text], table.collation)
        if any(clause.reference is not None for clause in changed.constraints):
            raise syntax_error(Token("word", "REFERENCES"))
        before = table.column(self._existing(named))
        if changed.name != before.name:
            self._require_free(before.name, changed.name)
            self.renamed[before.name] = changed.name
        _check_stored(before, changed)
        primary = table.primary()
        if primary is not None and before.name in primary.columns():
            changed.require_value()
        if changed.name != before.name:
            table.rename_column(before.name, changed.name)
        table.columns[table.columns.index(before)] = changed
        table.adjust_prefixes()
        definitions.move_column(table, changed, cursor)
        definitions.add_inline_constraints(table, changed)

    def _require_free(self, old: str, new: str) -> None:
        """Check that a column's new name is not another column's, which the same statement may rename, too."""
        if self.table.find(new) not in (None, self.table.find(old)):
            if self.alone:
                raise OperationalError(1060, f"Duplicate column name '{new}'")
            raise NeedsServerError("gives a column the name of another in one statement")

    def _drop(self, cursor: Cursor) -> None:
        table = self.table
        if cursor.take("PRIMARY", "KEY"):
            table.keys.remove(table.existing_key("PRIMARY"))
        elif cursor.take("FOREIGN", "KEY"):
            table.foreign_keys.remove(_dropped(table.foreign_key(cursor.peek().text), cursor))
        elif cursor.take("CHECK"):
            table.checks.remove(table.existing_check(identifier(cursor, "constraint")))
        elif cursor.take("INDEX") or cursor.take("KEY"):
            table.keys.remove(_dropped(table.key(cursor.peek().text), cursor))
        elif cursor.take("CONSTRAINT"):
            table.drop_constraint(cursor.next().text)
        else:
            cursor.take("COLUMN")
            name = identifier(cursor)
            table.drop_column(name)
            self.gone.update(column.name for column in [self.before.find(name)] if column is not None)


def _dropped(found: _Part | None, cursor: Cursor) -> _Part:
    """Return the part of a table that an action drops, and take its name.

    Raises:
        DatabaseError: there is none of this name, or it is no name.
    """
    require_no_word(cursor.peek())
    name = cursor.next().text
    if found is None:
        raise OperationalError(1091, f"Can't DROP '{name}'; check that column/key exists")
    return found


def _check_stored(before: Column, changed: Column) -> None:
    """Refuse what would compute a column that was not computed, or is not computed any more, unless it is stored."""
    kinds = [(column.generated is not None) + (column.generated is not None and column.stored) for column in
             (before, changed)]  # fmt: skip
    if kinds[0] != kinds[1] and 1 in kinds:
        raise OperationalError(3106, "'Changing the STORED status' is not supported for generated columns.")


def _convert(database: Database, table: Table, cursor: Cursor) -> None:
    """Give all text columns of a table, and new ones, a character set and a collation."""
    if cursor.take("CHARACTER", "SET", "DEFAULT") or cursor.take("CHARSET", "DEFAULT"):
        table.collation = database.collation
    definitions.read_options(table, cursor)
    for column in table.columns:
        columns.convert(column, table.collation)
    table.adjust_prefixes()


def _rename_key(table: Table, cursor: Cursor) -> None:
    name = cursor.next().text
    cursor.take("TO")
    new = identifier(cursor, "index")
    key = table.key(name)
    if key is not None and key.kind == "PRIMARY":
        raise OperationalError(1280, f"Incorrect index name '{name}'")
    if key is None:
        raise OperationalError(1176, f"Key '{name}' doesn't exist in table '{table.name}'")
    if table.key(new) not in (None, key):
        raise OperationalError(1061, f"Duplicate key name '{new}'")
    key.name, key.generated = new, False


def _alter_part(table: Table, cursor: Cursor) -> None:
    """Perform ALTER of a part of a table: a default, whether something is visible or enforced."""
    if cursor.take("CHECK"):
        check = table.existing_check(cursor.next().text)
        check.enforced = _is_enforced(cursor)
    elif cursor.take("CONSTRAINT"):
        name = cursor.next().text
        found = [each for each in table.constraints(name) if isinstance(each, Check)]
        if not found:
            raise OperationalError(3940, f"Constraint '{name}' does not exist.")
        found[0].enforced = _is_enforced(cursor)
    elif cursor.take("INDEX"):
        name = cursor.next().text
        key = table.key(name)
        if key is None:
            raise OperationalError(1176, f"Key '{name}' doesn't exist in table '{table.name}'")
        key.options = key.options.replace(INVISIBLE, "") + (INVISIBLE if _is_invisible(cursor) else "")
    else:
        cursor.take("COLUMN")
        _alter_column(table, table.column(identifier(cursor)), cursor)


def _is_enforced(cursor: Cursor) -> bool:
    no = cursor.take("NOT")
    if not cursor.take("ENFORCED"):
        raise syntax_error(cursor.peek())
    return not no


def _is_invisible(cursor: Cursor) -> bool:
    word = cursor.next()
    if word.text.upper() not in {"VISIBLE", "INVISIBLE"}:
        raise syntax_error(word)
    return word.text.upper() == "INVISIBLE"


def _alter_column(table: Table, column: Column, cursor: Cursor) -> None:
    if cursor.take("DROP", "DEFAULT"):
        column.default = None
    elif cursor.take("SET", "DEFAULT"):
        default = cursor.tokens[cursor.at :]
        if defaults.current_timestamp(default) is not None:
            raise syntax_error(default[0])
        if len(default) == 3 and cursor.opens() and (default[1].kind != "word" or default[1].text.startswith("0x")):
            default = default[1:2]  # only here does the server ignore parentheses around a literal
        if column.generated is not None:
            raise OperationalError(1221, "Incorrect usage of DEFAULT and generated column")
        if defaults.is_null(default) and not column.nullable:
            raise defaults.invalid(column.name)
        column.default = defaults.default(default, column.name, column.type, table.names(), column.charset)
        cursor.at = len(cursor.tokens)
    elif cursor.take("SET"):
        column.invisible = _is_invisible(cursor)
