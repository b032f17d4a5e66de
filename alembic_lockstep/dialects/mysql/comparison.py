"""Comparison of what MySQL and MariaDB report with what models declare."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from alembic_lockstep import compat
from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.dialects.mysql.alembic_impl import INTRODUCER
from alembic_lockstep.dialects.mysql.schema import described
from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import charsets
from alembic_lockstep.schema import sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from alembic.operations.ops import CreateIndexOp
    from sqlalchemy.engine.interfaces import Dialect as SQLAlchemyDialect

    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.memory_mysql.server import Server
    from alembic_lockstep.schema.table import Check, Table

ANY_COLLATION = "utf8mb4_bin"
"""A collation, where it does not matter which."""


OPTIONS = {"engine": "engine", "row_format": "row_format", "charset": "charset", "default_charset": "charset",
           "character_set": "charset", "default_character_set": "charset", "collate": "collate",
           "default_collate": "collate"}  # fmt: skip
"""The options of a table that are compared, by their names in models."""


class Comparison(base.Comparison):
    """MySQL, and MariaDB where it is spoken to as MySQL."""

    numbers_columns = True

    def same_type(self, there: sa.Column[Any], wanted: sa.Column[Any], dialect: SQLAlchemyDialect) -> bool | None:
        # FLOAT(53) is a DOUBLE, INTEGER(11) an INT, TEXT(100) a TEXT; MariaDB shows widths that nobody has given.
        texts = [column.type.compile(dialect) for column in (there, wanted)]
        if texts[0] == texts[1]:
            return True
        default = _default_collation(there.table)
        one, other = (_column(f"x {text}", default or ANY_COLLATION) for text in texts)
        if one is None or other is None:
            return None
        # The default collation of a character set is the server's choice, if only that is named.
        other_text = one.charset != other.charset or (" COLLATE " in texts[1] and one.collation != other.collation)
        if default and one.charset and other.charset and other.explicit and other_text:
            return False
        if one.type == other.type:
            return None if {one.kind, other.kind} & {"enum", "set"} else True
        is_mariadb = getattr(dialect, "is_mariadb", False)  # which keeps JSON as a text
        return None if is_mariadb and (one.kind, other.kind) == ("longtext", "json") else False

    def existing(self, connection: sa.Connection, names: Iterable[str]) -> dict[str, Table]:
        found = {}
        for name in names:
            table = _in_words_of_memory(connection, name)
            if table is not None:
                found[name] = _readable(table, connection)
        return found

    def wanted(self, connection: sa.Connection, table: sa.Table, indexes: Iterable[sa.Index]) -> Table | None:
        create = sa.schema.CreateTable(table, include_foreign_key_constraints=[])
        statements: list[Any] = [create, *map(sa.schema.CreateIndex, indexes)]
        text = _made(connection, table.name, [str(each.compile(dialect=connection.dialect)) for each in statements])
        return None if text is None else _readable(described(text), connection)

    def primary_key_statement(self, table: str, columns: tuple[str, ...], before: tuple[str, ...]) -> str:
        # In one statement: a column that the server numbers must be part of a key at any time (1075).
        dropped = ["DROP PRIMARY KEY"] if before else []
        added = [f"ADD PRIMARY KEY ({', '.join(map(_quoted_part, columns))})"] if columns else []
        return f"ALTER TABLE {_quoted(table)} {', '.join(dropped + added)}"

    def named_options(self, table: sa.Table) -> list[str]:
        given = {name for name, value in table.dialect_options["mysql"].items() if value is not None}
        named = {OPTIONS[name] for name in given & OPTIONS.keys()}
        return sorted(named - {"charset"} if "collate" in named else named)  # a collation has its character set

    def option_statement(self, table: str, name: str, value: str) -> str:
        if name == "collate":
            charset = charsets.charset_of(value)
            return f"ALTER TABLE {_quoted(table)} DEFAULT CHARACTER SET {charset} COLLATE {value}"
        if name == "charset":
            return f"ALTER TABLE {_quoted(table)} DEFAULT CHARACTER SET {value}"
        return f"ALTER TABLE {_quoted(table)} {name.upper()}={value or 'DEFAULT'}"

    def same_default(self, reflected: str, column: sa.Column[Any], dialect: SQLAlchemyDialect) -> bool:
        nothing: Any = None
        compiler: Any = dialect.ddl_compiler(dialect, nothing)
        text = compiler.get_column_specification(column)
        if compat.doubles_percents(compiler.preparer):
            text = text.replace("%%", "%")
        number = self.default_text(column.server_default, dialect)
        if number is not None:
            text = re.sub(r"DEFAULT '\d+'", f"DEFAULT {number}", text)
        wanted = _column(text)
        if wanted is None:
            return False
        default = wanted.default.text if wanted.default is not None else "NULL" if wanted.on_update else None
        default = " ON UPDATE ".join(filter(None, [default, wanted.on_update]))
        return _plain(default) == _plain(reflected)

    def default_text(self, default: Any, dialect: SQLAlchemyDialect) -> str | None:
        # To MySQL the default '0' of a BIT is the text 0, which is byte 48.
        column, value = getattr(default, "column", None), getattr(default, "arg", None)
        if column is None or not isinstance(value, str) or not value.isdigit():
            return None
        return str(int(value)) if isinstance(column.type.dialect_impl(dialect), mysql.BIT) else None

    def is_same_index(self, connection: sa.Connection, op: CreateIndexOp) -> bool:
        from alembic_lockstep.memory_mysql.driver import DatabaseError

        server = _in_memory(_shown(connection, op.table_name))
        table = server.tables[op.table_name] if server else None
        key = table.key(str(op.index_name)) if table else None
        if server is None or table is None or key is None:
            return False
        table.keys.remove(key)
        statement = str(sa.schema.CreateIndex(op.to_index()).compile(dialect=connection.dialect))
        try:
            server.execute(statement.replace("%%", "%"))
        except (DatabaseError, NeedsServerError):
            return False
        made = server.tables[op.table_name].key(key.name)
        return made is not None and made.described() == key.described()

    def has_prefix(self, index: Mapping[str, Any]) -> bool:
        return bool(index.get("dialect_options", {}).get("mysql_prefix"))

    def usual_options(self, connection: sa.Connection) -> dict[str, str]:
        names = "@@default_storage_engine, @@character_set_database, @@collation_database"
        engine, charset, collation = connection.exec_driver_sql(f"SELECT {names}").one()
        return {"mysql_engine": engine, "mysql_default_charset": charset, "mysql_collate": collation}

    @contextmanager
    def rendering(self, connection: sa.Connection) -> Iterator[None]:
        # The driver halves what SQLAlchemy doubles; Alembic writes a doubled % into the script.
        with compat.single_percents(connection.dialect.identifier_preparer):
            yield


def _shown(connection: sa.Connection, table: str) -> str:
    """Return the statement by which a server describes a table."""
    return str(connection.exec_driver_sql(f"SHOW CREATE TABLE {quoted(connection, table)}").one()[1])


def _in_words_of_memory(connection: sa.Connection, name: str) -> Table | None:
    """Return a table as the server in memory describes it, None if it does not support it."""
    text = _shown(connection, name)
    table = described(text)
    if hasattr(connection.dialect, "server"):
        return table
    server = _in_memory(text)
    if server is None:
        return None if getattr(connection.dialect, "is_mariadb", False) else table
    found = described(server.tables[name].described())
    # Another server may do without an index that MySQL makes for a foreign key.
    indexes = {name: index for name, index in found.indexes.items() if name in table.indexes}
    columns = {name: replace(column, default=table.columns[name].default) for name, column in found.columns.items()}
    return replace(found, indexes=indexes, columns=columns)


def _made(connection: sa.Connection, table: str, statements: list[str]) -> str | None:
    """Return in the words of the server in memory what statements make in a database, None if it cannot be told."""
    from alembic_lockstep.memory_mysql.driver import DatabaseError
    from alembic_lockstep.memory_mysql.server import Server

    collation = connection.info.get("collation_database")
    if collation is None:
        collation = str(connection.exec_driver_sql("SELECT @@collation_database").scalar())
        connection.info["collation_database"] = collation
    try:
        server = Server(charsets.collation(collation))
        for statement in statements:
            server.execute(statement.replace("%%", "%"))
    except (DatabaseError, NeedsServerError):
        return None
    return server.tables[table].described()


def _readable(table: Table, connection: sa.Connection) -> Table:
    """Return a table whose expressions are as people write them, without what stands for JSON on MariaDB."""
    is_mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
    checks = tuple(
        replace(
            check,
            text=INTRODUCER.sub("", check.text),
            condition=_with_numbers(check.condition) if is_mariadb else check.condition,
        )
        for check in table.checks
        if not _is_json(check, table)
    )
    columns = {
        name: replace(column, expression=INTRODUCER.sub("", column.expression)) if column.expression else column
        for name, column in table.columns.items()
    }
    charset = charsets.charset_of(str(table.options.get("collate", "")))
    return replace(table, checks=checks, columns=columns, options={**table.options, "charset": charset})


def _with_numbers(condition: str) -> str:
    """Return a condition with the numbers that MariaDB shows for true and false."""
    return re.sub(r"\btrue\b", "1", re.sub(r"\bfalse\b", "0", condition))


def _is_json(check: Check, table: Table) -> bool:
    """Return whether a CHECK makes a text the JSON of MariaDB."""
    matched = re.fullmatch(r"(?i)json_valid\((.+)\)", check.condition)
    return matched is not None and matched[1] in table.columns and table.columns[matched[1]].type == "longtext"


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _quoted_part(part: str) -> str:
    """Return a part of a key as SQL: its column is quoted, the length of a prefix and the direction are not."""
    name, *rest = re.split(r"(?=\(\d+\))|(?= (?:ASC|DESC)$)", part)
    return _quoted(name) + "".join(rest)


def _default_collation(table: sa.Table | None) -> str:
    """Return the collation of new text columns of a reflected table; empty if it is not known."""
    options: Any = {} if table is None else table.kwargs
    return charsets.resolved(options.get("mysql_default charset"), options.get("mysql_collate"), "")[1]


def _in_memory(text: str) -> Server | None:
    """Return a server in memory with the table that a server describes, None if it does not support it."""
    from alembic_lockstep.memory_mysql.driver import DatabaseError
    from alembic_lockstep.memory_mysql.server import Server

    server = Server()
    try:
        server.execute("SET foreign_key_checks = 0")
        server.execute(_without_defaults(text))  # MariaDB has some that MySQL has not
    except (DatabaseError, NeedsServerError):
        return None
    return server


def _without_defaults(text: str) -> str:
    """Return a CREATE TABLE without the defaults of columns."""
    cursor, kept = sql.Cursor(sql.tokens(text, backslashes=True)), []
    while not cursor.over():
        if cursor.word() == "DEFAULT" and cursor.peek(1).text.upper() not in {"CHARSET", "CHARACTER", "COLLATE"}:
            cursor.next()
            cursor.value()
        else:
            kept.append(cursor.next())
    return sql.requoted(kept, "`")


def _column(definition: str, collation: str = ANY_COLLATION) -> Column | None:
    """Return a column as the server would make it in a table of a collation, None if that is not known."""
    from alembic_lockstep.memory_mysql import columns
    from alembic_lockstep.memory_mysql.driver import DatabaseError
    from alembic_lockstep.memory_mysql.server import ODD

    try:
        return columns.read(sql.Cursor(sql.tokens(definition, backslashes=True)), [], collation)
    except (DatabaseError, NeedsServerError, *ODD):
        return None


def _plain(default: str) -> str:
    """Return a default as all servers of the family would write it: MariaDB leaves out quotes and parentheses."""
    text = re.sub(r"^\((.*)\)$", r"\1", default.strip(), flags=re.DOTALL)
    if text.startswith("'"):
        number = re.fullmatch(r"'([-+]?\d+(?:\.\d+)?)'", text)
        return number[1] if number else text
    text = INTRODUCER.sub("", text)
    if not text.startswith("'"):
        text = re.sub(r"'[^']*'|[^']+", lambda part: part[0] if part[0][0] == "'" else part[0].lower(), text)
        text = re.sub(r"\bnow\(\)", "current_timestamp", text.replace("`", ""))
        text = text.replace("current_timestamp()", "current_timestamp")
    return _plain(text) if text != default else text
