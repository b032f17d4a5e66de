"""ALTER TABLE: its actions, in the order in which the server performs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import columns, defaults, definitions
from alembic_lockstep.memory_mysql.constraints import Check, ForeignKey, Key
from alembic_lockstep.memory_mysql.database import table_name
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError
from alembic_lockstep.schema import sql

if TYPE_CHECKING:
    from alembic_lockstep.memory_mysql.database import Database
    from alembic_lockstep.memory_mysql.table import Table
    from alembic_lockstep.schema.sql import Cursor

_DROPPED_FIRST = frozenset(["FOREIGN", "CHECK", "CONSTRAINT", "INDEX", "KEY", "PRIMARY"])


def alter_table(database: Database, cursor: Cursor) -> None:
    """Execute ALTER TABLE, from the table's name on.

    Raises:
        DatabaseError: MySQL would refuse it.
        NeedsServerError: an action is not supported.
    """
    table = database.table(table_name(cursor)).draft()
    renamed: list[tuple[str, str]] = []
    new_name: str | None = None
    actions = sorted((sql.Cursor(part) for part in sql.split(cursor.tokens[cursor.at :])), key=_position)
    for action in actions:
        if action.word() == "RENAME" and action.peek(1).text.upper() not in {"COLUMN", "INDEX", "KEY"}:
            action.next()
            _ = action.take("TO") or action.take("AS")
            new_name = table_name(action)
        elif action.take("CONVERT", "TO"):
            _convert(database, table, action)
        else:
            _perform(table, action, renamed, alone=len(actions) == 1)
        if not action.over():
            raise unsupported(action)
    cursor.at = len(cursor.tokens)
    if not table.columns:
        raise OperationalError(1090, "You can't delete all columns with ALTER TABLE; use DROP TABLE instead")
    table.check_columns()
    table.settle()
    table.check_indexes()
    _rename_referred(table, table.name, renamed)
    database.check_references(table)
    database.check_referrers(table, dict(renamed))
    for other in database.tables.values():
        _rename_referred(other, table.name, renamed)
    database.tables[table.name] = table
    if new_name is not None:
        database.rename_table(table, new_name)


def unsupported(cursor: Cursor) -> NeedsServerError:
    """Return the error that names the next word of a statement about a table."""
    return NeedsServerError(f"uses {cursor.peek().text} on a table, which the in-memory MySQL server does not support")


def _position(action: Cursor) -> int:
    """Return the rank of an action: drops of keys, drops of columns, renames, columns, keys and constraints."""
    if action.word() == "DROP":
        return 0 if action.peek(1).text.upper() in _DROPPED_FIRST else 1
    if action.word() == "RENAME":
        return 2
    adds_constraint = action.word() == "ADD" and definitions.is_constraint(sql.Cursor(action.tokens, 1))
    return 4 if adds_constraint else 3


def _perform(table: Table, cursor: Cursor, renamed: list[tuple[str, str]], *, alone: bool) -> None:
    """Perform one action on a table.

    Args:
        table: the draft to change.
        cursor: at the action.
        renamed: receives old and new name of a column that is renamed.
        alone: it is the statement's only action.
    """
    if cursor.take("ADD"):
        _add(table, cursor)
    elif cursor.take("DROP"):
        _drop(table, cursor)
    elif cursor.take("MODIFY"):
        cursor.take("COLUMN")
        _change_column(table, cursor.peek().text, cursor)
    elif cursor.take("CHANGE"):
        cursor.take("COLUMN")
        old = table.column(cursor.next().text).name
        _require_free(table, old, cursor.peek().text, alone=alone)
        renamed.append((old, cursor.peek().text))
        _change_column(table, old, cursor)
    elif cursor.take("ALTER"):
        _alter_default(table, cursor)
    elif cursor.take("RENAME", "COLUMN"):
        old = table.column(cursor.next().text).name
        cursor.take("TO")
        _require_free(table, old, cursor.peek().text, alone=alone)
        renamed.append((old, cursor.next().text))
        table.rename_column(*renamed[-1])
    elif cursor.take("RENAME", "INDEX") or cursor.take("RENAME", "KEY"):
        _rename_key(table, cursor)
    else:
        definitions.read_options(table, cursor)


def _convert(database: Database, table: Table, cursor: Cursor) -> None:
    """Give all text columns of a table, and new ones, a character set and a collation."""
    in_keys = {name for key in table.foreign_keys for name in key.columns}
    for other in (table, *database.tables.values()):
        in_keys |= {n for key in other.foreign_keys if key.referred_table == table.name for n in key.referred_columns}
    if any(column.charset is not None and column.name in in_keys for column in table.columns):
        raise NeedsServerError("converts a text column of a foreign key to another character set")
    if cursor.take("CHARACTER", "SET", "DEFAULT") or cursor.take("CHARSET", "DEFAULT"):
        table.collation = database.collation
    definitions.read_options(table, cursor)
    for column in table.columns:
        columns.convert(column, table.collation)
    table.adjust_prefixes()


def _add(table: Table, cursor: Cursor) -> None:
    if definitions.is_constraint(cursor):
        definitions.add_constraint(table, cursor)
        return
    cursor.take("COLUMN")
    if cursor.opens():
        for part in sql.split(cursor.group()):
            definitions.add_column(table, sql.Cursor(part), table.names())
    else:
        definitions.add_column(table, cursor, table.names())


def _change_column(table: Table, old: str, cursor: Cursor) -> None:
    """Replace a column by a new definition."""
    before = table.column(old)
    changed = columns.read(cursor, table.names(), table.collation)
    primary = table.primary()
    if primary is not None and before.name in primary.columns():
        if changed.explicit_null:
            text = "All parts of a PRIMARY KEY must be NOT NULL; if you need NULL in a key, use UNIQUE instead"
            raise OperationalError(1171, text)
        changed.forbid_null()
    if changed.name != before.name:
        table.rename_column(before.name, changed.name)
    table.columns[table.columns.index(before)] = changed
    table.adjust_prefixes()
    definitions.move_column(table, changed, cursor)
    definitions.add_inline_constraints(table, changed)


def _require_free(table: Table, old: str, new: str, *, alone: bool) -> None:
    """Check that a column's new name is not another column's, which the same statement may rename, too."""
    if table.find(new) not in (None, table.find(old)):
        if alone:
            raise OperationalError(1060, f"Duplicate column name '{new}'")
        raise NeedsServerError("gives a column the name of another in one statement")


def _rename_key(table: Table, cursor: Cursor) -> None:
    key = table.existing_key(cursor.next().text)
    cursor.take("TO")
    new = cursor.next().text
    if table.key(new) not in (None, key):
        raise OperationalError(1061, f"Duplicate key name '{new}'")
    key.name, key.generated = new, False


def _alter_default(table: Table, cursor: Cursor) -> None:
    if cursor.word() in {"CHECK", "INDEX", "CONSTRAINT"}:
        raise unsupported(cursor)
    cursor.take("COLUMN")
    column = table.column(cursor.next().text)
    if cursor.take("DROP", "DEFAULT"):
        column.default = None
    elif cursor.take("SET", "DEFAULT"):
        default = cursor.tokens[cursor.at :]
        if len(default) == 3 and cursor.opens() and default[1].kind != "word":
            default = default[1:2]  # only here does the server ignore parentheses around a literal
        column.default = defaults.default(default, column.name, column.type, table.names())
        cursor.at = len(cursor.tokens)


def _drop(table: Table, cursor: Cursor) -> None:
    if cursor.take("PRIMARY", "KEY"):
        table.keys.remove(table.existing_key("PRIMARY"))
    elif cursor.take("FOREIGN", "KEY"):
        name = cursor.next().text
        found = [key for key in table.foreign_keys if key.name.lower() == name.lower()]
        if not found:
            raise OperationalError(1091, f"Can't DROP '{name}'; check that column/key exists")
        table.foreign_keys.remove(found[0])
    elif cursor.take("CHECK"):
        name = cursor.next().text
        checks = [check for check in table.checks if check.name.lower() == name.lower()]
        if not checks:
            raise OperationalError(3821, f"Check constraint '{name}' is not found in the table.")
        table.checks.remove(checks[0])
    elif cursor.take("INDEX") or cursor.take("KEY"):
        table.keys.remove(table.existing_key(cursor.next().text))
    elif cursor.take("CONSTRAINT"):
        _drop_constraint(table, cursor.next().text)
    else:
        cursor.take("COLUMN")
        table.drop_column(cursor.next().text)


def _drop_constraint(table: Table, name: str) -> None:
    constraint = next(table.constraints(name), None)
    match constraint:
        case None:
            raise OperationalError(3940, f"Constraint '{name}' does not exist.")
        case Key():
            table.keys.remove(constraint)
        case ForeignKey():
            table.foreign_keys.remove(constraint)
        case Check():
            table.checks.remove(constraint)


def _rename_referred(table: Table, parent: str, renamed: list[tuple[str, str]]) -> None:
    """Make the foreign keys of a table follow renamed columns of the table to which they refer."""
    for old, new in renamed:
        for key in table.foreign_keys:
            if key.referred_table == parent:
                key.referred_columns = [new if name == old else name for name in key.referred_columns]
