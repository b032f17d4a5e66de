"""Definitions within CREATE TABLE and ALTER TABLE: columns, keys, constraints and table options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import charsets, columns, expression_places
from alembic_lockstep.memory_mysql.constraints import INVISIBLE, Check, ForeignKey, Key, Part
from alembic_lockstep.memory_mysql.database import table_name
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, syntax_error
from alembic_lockstep.memory_mysql.expressions import expression
from alembic_lockstep.memory_mysql.identifiers import identifier, require_constraint_name
from alembic_lockstep.memory_mysql.literals import decoded, literal
from alembic_lockstep.schema import grammar, sql

if TYPE_CHECKING:
    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.memory_mysql.table import Table
    from alembic_lockstep.schema.grammar import Clause, Reference
    from alembic_lockstep.schema.sql import Cursor

KEY_KINDS = ("UNIQUE", "FULLTEXT", "SPATIAL")
_ENGINES = {"innodb": "InnoDB", "myisam": "MyISAM", "memory": "MEMORY", "heap": "MEMORY", "csv": "CSV",
            "archive": "ARCHIVE", "blackhole": "BLACKHOLE", "mrg_myisam": "MRG_MYISAM"}  # fmt: skip
_ROW_FORMATS = {"DEFAULT", "DYNAMIC", "COMPACT", "REDUNDANT", "COMPRESSED", "FIXED"}
_LONGEST_COMMENT = 1024


def is_constraint(cursor: Cursor) -> bool:
    """Return whether the next definition is a key or a constraint, not a column."""
    return grammar.is_constraint(cursor, mysql=True)


def add_column(table: Table, cursor: Cursor, names: list[str]) -> None:
    """Add a column, its place in the table and its inline constraints.

    Args:
        table: where.
        cursor: at the column's name.
        names: the columns that an expression may use.

    Raises:
        OperationalError: there is a column of this name.
    """
    column = columns.read(cursor, names, table.collation)
    if table.find(column.name) is not None:
        raise OperationalError(1060, f"Duplicate column name '{column.name}'")
    table.columns.append(column)
    move_column(table, column, cursor)
    add_inline_constraints(table, column)


def move_column(table: Table, column: Column, cursor: Cursor) -> None:
    """Move a column to the place that FIRST or AFTER names, if any."""
    if cursor.take("FIRST"):
        table.columns.remove(column)
        table.columns.insert(0, column)
    elif cursor.take("AFTER"):
        after = table.column(identifier(cursor))
        table.columns.remove(column)
        table.columns.insert(table.columns.index(after) + 1, column)


def add_inline_constraints(table: Table, column: Column) -> None:
    """Add the constraints of a column's definition to its table."""
    for each in column.constraints:
        match each.kind:
            case "PRIMARY KEY":
                table.add_key(Key("PRIMARY", "PRIMARY", [Part(column.name)]))
            case "UNIQUE":
                table.add_key(Key("", "UNIQUE", [Part(column.name)]))
            case "CHECK":
                table.add_check(_check(table, each))
            case _ if each.reference is not None:
                _add_foreign_key(table, [column.name], each.reference, each.name or "")
    column.constraints = []


def add_constraint(table: Table, cursor: Cursor) -> None:
    """Add a key or a constraint.

    Raises:
        NeedsServerError: it is of an unknown kind.
    """
    require_constraint_name(cursor)
    name = grammar.constraint_name(cursor) or ""
    if cursor.take("PRIMARY", "KEY"):
        if not cursor.opens() and cursor.word() != "USING":
            identifier(cursor, "constraint")  # which nobody sees again
        table.add_key(read_key(table, cursor, "PRIMARY", "PRIMARY"))
    elif cursor.take("FOREIGN", "KEY"):
        index = "" if cursor.opens() else identifier(cursor, "index")
        local = [part.column or "" for part in _parts(table, cursor)]
        if not cursor.take("REFERENCES"):
            raise syntax_error(cursor.peek())
        _add_foreign_key(table, local, grammar.reference(cursor), name, index)
    elif cursor.take("CHECK"):
        if not cursor.opens():
            raise syntax_error(cursor.peek())
        table.add_check(_check(table, grammar.check(cursor, name)))
    else:
        kind = cursor.next().text.upper() if cursor.word() in KEY_KINDS else ""
        if not (cursor.take("INDEX") or cursor.take("KEY") or kind):
            raise NeedsServerError(
                f"uses {cursor.peek().text} on a table, which the in-memory MySQL server does not support"
            )
        own_name = "" if cursor.opens() or cursor.word() == "USING" else identifier(cursor, "index")
        table.add_key(read_key(table, cursor, own_name or name, kind))


def read_key(table: Table, cursor: Cursor, name: str, kind: str) -> Key:
    """Read the parts and the options of a key.

    Raises:
        OperationalError: it has no parts.
        NeedsServerError: a part is not supported.
    """
    options = read_using(cursor)
    if not cursor.opens() or cursor.peek(1).text == ")":
        raise syntax_error(cursor.peek(1))
    key = Key(name, kind, _parts(table, cursor, kind))
    while not cursor.over():
        if cursor.take("WITH", "PARSER"):
            options += f" /*!50100 WITH PARSER `{cursor.next().text}` */ "
        elif cursor.take("COMMENT"):
            options += f" COMMENT {_comment(literal(cursor.next()), 1688, _LONGEST_COMMENT)}"
        elif cursor.take("INVISIBLE"):
            options += INVISIBLE
        elif cursor.take("ALGORITHM") or cursor.take("LOCK"):
            _option(cursor)
        elif using := read_using(cursor):
            options = using + options
        else:
            break
    key.options = options.replace(" USING HASH", "")  # InnoDB has no hash indexes
    return key


def read_using(cursor: Cursor) -> str:
    """Read USING and the kind of an index, if they are next."""
    return f" USING {cursor.next().text.upper()}" if cursor.take("USING") else ""


def _parts(table: Table, cursor: Cursor, kind: str = "") -> list[Part]:
    parts = []
    for tokens in sql.split(cursor.group()):
        part = sql.Cursor(tokens)
        value, column, length = None, None, None
        if part.opens():
            value = expression(part.group(), table.names())
            if kind not in {"PRIMARY", "FULLTEXT"} and re.fullmatch(r"`[^`]+`", value.text):
                text = "Functional index on a column is not supported. Consider using a regular index instead."
                raise OperationalError(3762, text)
        else:
            column = identifier(part)
            length = int(part.group()[0].text) if part.opens() else None
        descending = part.take("DESC")
        is_directed = part.take("ASC") or descending
        if is_directed and kind in {"FULLTEXT", "SPATIAL"}:
            raise OperationalError(1221, f"Incorrect usage of {kind} index and explicit index order")
        if not part.over():  # such as a call without parentheses around it
            raise NeedsServerError("creates an index on an expression that the in-memory MySQL server does not support")
        parts.append(Part(column, length, descending, value))
    return parts


def _check(table: Table, clause: Clause) -> Check:
    condition = expression(clause.tokens, table.names(), as_spelt=True)
    expression_places.check_functions(condition, expression_places.CHECK, clause.name or "")
    return Check(clause.name or "", condition, clause.enforced)


def _add_foreign_key(table: Table, local: list[str], reference: Reference, name: str, index: str = "") -> None:
    """Add a foreign key.

    Args:
        table: where.
        local: its columns.
        reference: what it refers to.
        name: empty if it has none.
        index: the name of its index, if it is given apart.
    """
    parent = table_name(sql.Cursor(reference.table))
    if not reference.columns:
        raise NeedsServerError("refers to a table without naming its columns")
    if reference.options and reference.options[0] != "MATCH":
        raise NeedsServerError(
            f"uses {reference.options[0]} with a foreign key, which the in-memory MySQL server does not support"
        )
    if len(reference.columns) != len(local):
        text = "Key reference and table reference don't match"
        raise OperationalError(1239, f"Incorrect foreign key definition for '{name}': {text}")
    actions = [f" ON {event} {reference.actions.get(event, 'NO ACTION')}" for event in ("DELETE", "UPDATE")]
    kept = "".join(action for action in actions if not action.endswith("NO ACTION"))
    table.add_foreign_key(ForeignKey(name, local, parent, list(reference.columns), kept), name or index)


def read_options(table: Table, cursor: Cursor) -> None:
    """Read table options into a table, up to the first that is not supported.

    Raises:
        NeedsServerError: a character set or a collation is unknown.
    """
    charset, collation = None, ""
    while not cursor.over():
        start = cursor.at
        if cursor.peek().text == ",":
            cursor.next()
            continue
        cursor.take("DEFAULT")
        if cursor.take("CHARACTER", "SET") or cursor.take("CHARSET"):
            charset = charsets.charset(_option(cursor))
            charsets.check_fit(charset, collation or charsets.COLLATIONS[charset])
            table.collation = collation or charsets.COLLATIONS[charset]
        elif cursor.take("COLLATE"):
            table.collation = collation = charsets.collation(_option(cursor))
            charsets.check_fit(charset, collation)
        elif cursor.at > start or not _read_option(table, cursor):
            cursor.at = start
            return


def _read_option(table: Table, cursor: Cursor) -> bool:
    """Read an option that takes no DEFAULT before it; return whether there is one."""
    if cursor.take("COMMENT"):
        table.comment = _comment(decoded(_option(cursor)), 1628, 2 * _LONGEST_COMMENT)
    elif cursor.take("ENGINE"):
        table.engine = _engine(_option(cursor))
    elif cursor.take("ROW_FORMAT"):
        _read_row_format(table, cursor)
    elif cursor.take("AUTO_INCREMENT"):
        table.next_number = int(_option(cursor))
    elif cursor.take("ALGORITHM") or cursor.take("LOCK"):
        _option(cursor)  # no part of the table's description
    elif not (cursor.take("FORCE") or cursor.take("ENABLE", "KEYS") or cursor.take("DISABLE", "KEYS")):
        return False
    return True


def _read_row_format(table: Table, cursor: Cursor) -> None:
    start = cursor.peek()
    name = _option(cursor).upper()
    if name not in _ROW_FORMATS:
        raise syntax_error(start)
    if name == "FIXED" and table.engine == "InnoDB":
        raise OperationalError(1031, f"Table storage engine for '{table.name}' doesn't have this option")
    table.options.pop("ROW_FORMAT", None)
    if name != "DEFAULT":
        table.options["ROW_FORMAT"] = name


def _engine(text: str) -> str:
    name = decoded(text) if text[:1] in {"'", '"'} else text
    if name.lower() not in _ENGINES:
        raise OperationalError(1286, f"Unknown storage engine '{name}'")
    return _ENGINES[name.lower()]


def _comment(text: str, number: int, longest: int) -> str:
    if len(text) > longest:
        raise OperationalError(number, f"A comment is too long (max = {longest})")
    return text


def _option(cursor: Cursor) -> str:
    """Take the value of an option, with or without = before it."""
    if cursor.peek().text == "=":
        cursor.next()
    return cursor.next().text
