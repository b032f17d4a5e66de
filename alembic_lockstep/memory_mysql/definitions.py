"""Definitions within CREATE TABLE and ALTER TABLE: columns, keys, constraints and table options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import charsets, columns
from alembic_lockstep.memory_mysql.constraints import Check, ForeignKey, Key, Part
from alembic_lockstep.memory_mysql.database import table_name
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError
from alembic_lockstep.memory_mysql.expressions import decoded, expression, literal
from alembic_lockstep.schema import grammar, sql

if TYPE_CHECKING:
    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.memory_mysql.table import Table
    from alembic_lockstep.schema.grammar import Clause, Reference
    from alembic_lockstep.schema.sql import Cursor

KEY_KINDS = ("UNIQUE", "FULLTEXT", "SPATIAL")
_ENGINES = {"innodb": "InnoDB", "myisam": "MyISAM", "memory": "MEMORY"}


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
        after = table.column(cursor.next().text)
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
    name = grammar.constraint_name(cursor) or ""
    if cursor.take("PRIMARY", "KEY"):
        table.add_key(read_key(table, cursor, "PRIMARY", "PRIMARY"))
    elif cursor.take("FOREIGN", "KEY"):
        index = "" if cursor.opens() else cursor.next().text
        local = [part.column or "" for part in _parts(table, cursor)]
        cursor.take("REFERENCES")
        _add_foreign_key(table, local, grammar.reference(cursor), name, index)
    elif cursor.take("CHECK"):
        table.add_check(_check(table, grammar.check(cursor, name)))
    else:
        kind = cursor.next().text.upper() if cursor.word() in KEY_KINDS else ""
        if not (cursor.take("INDEX") or cursor.take("KEY") or kind):
            raise NeedsServerError(
                f"uses {cursor.peek().text} on a table, which the in-memory MySQL server does not support"
            )
        own_name = "" if cursor.opens() or cursor.word() == "USING" else cursor.next().text
        table.add_key(read_key(table, cursor, own_name or name, kind))


def read_key(table: Table, cursor: Cursor, name: str, kind: str) -> Key:
    """Read the parts and the options of a key.

    Raises:
        OperationalError: it has no parts.
        NeedsServerError: a part is not supported.
    """
    options = read_using(cursor)
    if cursor.peek(1).text == ")":
        raise OperationalError(1064, f"You have an error in your SQL syntax: the key {name} has no columns")
    key = Key(name, kind, _parts(table, cursor))
    while not cursor.over():
        if cursor.take("WITH", "PARSER"):
            options += f" /*!50100 WITH PARSER `{cursor.next().text}` */ "
        elif cursor.take("COMMENT"):
            options += f" COMMENT {literal(cursor.next())}"
        elif cursor.take("INVISIBLE"):
            options += " /*!80000 INVISIBLE */"
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


def _parts(table: Table, cursor: Cursor) -> list[Part]:
    parts = []
    for tokens in sql.split(cursor.group()):
        part = sql.Cursor(tokens)
        value, column, length = None, None, None
        if part.opens():
            value = expression(part.group(), table.names())
        else:
            column = part.next().text
            length = int(part.group()[0].text) if part.opens() else None
        descending = part.take("DESC")
        part.take("ASC")
        if not part.over():  # such as a call without parentheses around it
            raise NeedsServerError("creates an index on an expression that the in-memory MySQL server does not support")
        parts.append(Part(column, length, descending, value))
    return parts


def _check(table: Table, clause: Clause) -> Check:
    return Check(clause.name or "", expression(clause.tokens, table.names()), clause.enforced)


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
    actions = [f" ON {event} {reference.actions.get(event, 'NO ACTION')}" for event in ("DELETE", "UPDATE")]
    kept = "".join(action for action in actions if not action.endswith("NO ACTION"))
    table.add_foreign_key(ForeignKey(name, local, parent, list(reference.columns), kept), name or index)


def read_options(table: Table, cursor: Cursor) -> None:
    """Read table options into a table, up to the first that is not supported.

    Raises:
        NeedsServerError: a character set or a collation is unknown.
    """
    collation = ""
    while not cursor.over():
        start = cursor.at
        if cursor.peek().text == ",":
            cursor.next()
            continue
        cursor.take("DEFAULT")
        if cursor.take("CHARACTER", "SET") or cursor.take("CHARSET"):
            charset = charsets.charset(_option(cursor))
            table.collation = collation or charsets.COLLATIONS[charset]
        elif cursor.take("COLLATE"):
            table.collation = collation = charsets.collation(_option(cursor))
        elif cursor.at > start or not _read_option(table, cursor):
            cursor.at = start
            return


def _read_option(table: Table, cursor: Cursor) -> bool:
    """Read an option that takes no DEFAULT before it; return whether there is one."""
    if cursor.take("COMMENT"):
        table.comment = decoded(_option(cursor))
    elif cursor.take("ENGINE"):
        engine = _option(cursor)
        engine = decoded(engine) if engine[:1] in {"'", '"'} else engine
        table.engine = _ENGINES.get(engine.lower(), engine)
    elif cursor.take("ROW_FORMAT"):
        table.options["ROW_FORMAT"] = _option(cursor).upper()
    elif cursor.take("AUTO_INCREMENT") or cursor.take("ALGORITHM") or cursor.take("LOCK"):
        _option(cursor)  # no part of the table's description
    else:
        return False
    return True


def _option(cursor: Cursor) -> str:
    """Take the value of an option, with or without = before it."""
    if cursor.peek().text == "=":
        cursor.next()
    return cursor.next().text
