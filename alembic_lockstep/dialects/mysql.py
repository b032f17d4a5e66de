"""MySQL and MariaDB: servers, DDL that commits, unique constraints that are indexes."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.ddl.mysql import MySQLImpl

from alembic_lockstep.dialects.base import DialectBase, ScratchEngine, quoted
from alembic_lockstep.dialects.traits import MYSQL
from alembic_lockstep.errors import CannotRunError, NeedsServerError
from alembic_lockstep.schema import ddl
from alembic_lockstep.schema.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from alembic.operations.ops import CreateIndexOp
    from sqlalchemy.engine.interfaces import Dialect as SQLAlchemyDialect

    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.memory_mysql.server import Server
    from alembic_lockstep.schema.snapshot import Parts

UNKNOWN_DATABASE = 1049
NEXT_NUMBER = re.compile(r" AUTO_INCREMENT=\d+(?=[^\n]*$)")
"""In SHOW CREATE TABLE: data, not schema."""
DEFINER = re.compile(r" DEFINER=\S+")
INTRODUCER = re.compile(r"_utf8mb[34](?=')")
DEFAULTS = re.compile(r" DEFAULT (?:'(?:[^'\\]|''|\\.)*'|\((?:[^()]|\([^()]*\))*\)|[^ ,\n]+)")
FIRST_WORD = re.compile(
    r"(?i)(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(alter|analyze|begin|commit|create|delete|desc|describe|drop|explain|insert|lock|"
    r"release|rename|replace|rollback|savepoint|select|set|show|start|table|truncate|unlock|update|use|values|with)\b",
    re.DOTALL,
)
"""How statements begin that name each table that they touch; a CALL does not."""
TRIGGER = re.compile(r"(?i)\b(create|drop)\b[^(]*(?<!`)\btrigger\b(?!`)")
"""A statement that makes or drops a trigger; a table that is called so is quoted."""
LISTED = re.compile(r"(?i)\b(create|drop|rename)\b")
"""What is in a statement after which there can be other tables."""


class _Impl(MySQLImpl):
    """Alembic's MySQL, which takes this for its own by the name of the dialect."""

    __dialect__ = "mysql"

    def autogen_column_reflect(self, inspector: Any, table: Any, column_info: Any) -> None:
        # MySQL puts the connection's character set before each string of an expression, which nobody has written;
        # a MariaDB that is given it reports a default that SQLAlchemy cannot read.
        for holder, name in ((column_info, "default"), (column_info.get("computed", {}), "sqltext")):
            if holder.get(name):
                holder[name] = INTRODUCER.sub("", holder[name])


class Dialect(DialectBase):
    """MySQL, and MariaDB where it is spoken to as MySQL."""

    name = "mysql"
    traits = MYSQL
    backslashes = True
    makes_up_values = True
    mark = "%s"
    only_defaults = "() VALUES ()"

    def memory(self) -> AbstractContextManager[sa.Engine]:
        from alembic_lockstep import memory_mysql

        return memory_mysql.engine()

    def same_type(
        self, there: sa.types.TypeEngine[Any], wanted: sa.types.TypeEngine[Any], dialect: SQLAlchemyDialect
    ) -> bool:
        # FLOAT(53) is a DOUBLE, INTEGER(11) an INT, TEXT(100) a TEXT; MariaDB shows widths that nobody has given.
        texts = [type_.compile(dialect) for type_ in (there, wanted)]
        if texts[0] == texts[1]:
            return True
        one, other = (_column(f"x {text}") for text in texts)
        if one is None or other is None or {one.kind, other.kind} & {"enum", "set"}:
            return False
        return (one.type, one.charset, one.collation) == (other.type, other.charset, other.collation)

    def same_default(self, reflected: str, column: sa.Column[Any], dialect: SQLAlchemyDialect) -> bool:
        nothing: Any = None
        compiler: Any = dialect.ddl_compiler(dialect, nothing)
        text = compiler.get_column_specification(column)
        if compiler.preparer._double_percents:
            text = text.replace("%%", "%")
        wanted = _column(text)
        if wanted is None:
            return False
        default = " ON UPDATE ".join(filter(None, [wanted.default, wanted.on_update]))
        return _plain(default) == _plain(reflected)

    def is_same_index(self, connection: sa.Connection, op: CreateIndexOp) -> bool:
        from alembic_lockstep.memory_mysql.driver import DatabaseError

        server = _in_memory(connection, op.table_name)
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

    def index_parts(self, connection: sa.Connection, table: str, name: str) -> list[str]:
        server = _in_memory(connection, table)
        key = server.tables[table].key(name) if server else None
        if key is None or all(part.column is not None and not part.descending for part in key.parts):
            return []
        return [INTRODUCER.sub("", str(part)) for part in key.parts]

    def usual_options(self, connection: sa.Connection) -> dict[str, str]:
        names = "@@default_storage_engine, @@character_set_database, @@collation_database"
        engine, charset, collation = connection.exec_driver_sql(f"SELECT {names}").one()
        return {"mysql_engine": engine, "mysql_default_charset": charset, "mysql_collate": collation}

    @contextmanager
    def rendering(self, connection: sa.Connection) -> Iterator[None]:
        # The driver halves what SQLAlchemy doubles; Alembic writes a doubled % into the script.
        preparer = connection.dialect.identifier_preparer
        doubled, preparer._double_percents = preparer._double_percents, False
        try:
            yield
        finally:
            preparer._double_percents = doubled

    @contextmanager
    def scratch(self, name: str, folder: Path, tell: Callable[[str], None]) -> Iterator[ScratchEngine]:
        from alembic_lockstep import servers

        server = servers.find(tell)
        with servers.scratch_database(server, name) as url:
            engine = sa.create_engine(url, poolclass=sa.NullPool)
            try:
                yield ScratchEngine(engine, server.label)
            finally:
                engine.dispose()

    def copy(self, source: sa.Connection, into: sa.Connection) -> bool:
        from alembic_lockstep.memory_mysql.server import COLLATION

        server: Server | None = getattr(source.engine.dialect, "server", None)
        tables = server.dump() if server is not None else None
        # What stands in memory is in the words of MySQL, and of a database with MySQL's own collation.
        if tables is None or into.exec_driver_sql("SELECT @@collation_database").scalar() != COLLATION:
            return False
        driver: Any = into.connection.driver_connection
        with self.unguarded(into), driver.cursor() as cursor:
            try:
                for statement in tables.values():
                    cursor.execute(statement)
            except driver.Error:  # an older server
                for name in tables:
                    cursor.execute(f"DROP TABLE IF EXISTS {quoted(into, name)}")
                return False
        return True

    @contextmanager
    def unguarded(self, connection: sa.Connection) -> Iterator[None]:
        connection.exec_driver_sql("SET foreign_key_checks = 0")
        yield
        connection.exec_driver_sql("SET foreign_key_checks = 1")

    def live_engine(self, url: sa.URL) -> sa.Engine:
        # The driver would encode a password as Latin-1.
        arguments = {"connect_timeout": 10, "password": (url.password or "").encode()}
        return sa.create_engine(url, poolclass=sa.NullPool, connect_args=arguments)

    def prepare(self, url: sa.URL, *, create: bool) -> None:
        engine = self.live_engine(url.set(database=""))
        with engine.connect() as connection:
            query = sa.text("SELECT 1 FROM information_schema.schemata WHERE schema_name = :name")
            if connection.execute(query, {"name": url.database}).scalar():
                return
            where = f"{url.username}@{url.host}:{url.port or 3306}"
            if not create:
                raise CannotRunError(
                    f"the database {url.database} does not exist on {where}; invoke upgrade --create makes it"
                )
            quoted = connection.dialect.identifier_preparer.quote_identifier(url.database or "")
            connection.exec_driver_sql(f"CREATE DATABASE {quoted} CHARACTER SET utf8mb4")

    def is_missing(self, url: sa.URL) -> bool:
        return False

    @contextmanager
    def locked(self, connection: sa.Connection, seconds: int) -> Iterator[None]:
        # On a connection of its own: the migration's may be closed by its server, or by a revision, at any time.
        name = f"migration:{hashlib.sha256(str(connection.engine.url.database).encode()).hexdigest()[:40]}"
        with connection.engine.connect() as guard:
            guard.exec_driver_sql("SET SESSION wait_timeout = 86400")
            if (
                guard.execute(sa.text("SELECT GET_LOCK(:name, :seconds)"), {"name": name, "seconds": seconds}).scalar()
                != 1
            ):
                raise TimeoutError
            yield

    def where(self, url: sa.URL, root: Path) -> str:
        return f"{url.username}@{url.host}:{url.port or 3306}/{url.database}"

    def reason(self, error: sa.exc.DBAPIError) -> str:
        from alembic_lockstep import servers

        hint = "; invoke upgrade --create makes it" if getattr(error.orig, "args", [0])[0] == UNKNOWN_DATABASE else ""
        return servers.reason(error) + hint

    def after_failure(self) -> str:
        return (
            "MySQL commits each DDL statement and each batch: what this revision did before it failed is in the "
            "database, and it is not recorded as done. If it is written to go on (docs/data.md), run the same command "
            "again; else put its first statements right by hand before. Drop nothing that may hold moved values."
        )

    def violations(self, connection: sa.Connection) -> None:
        """Return nothing: the server guards foreign keys itself."""

    def new_violations(self, connection: sa.Connection, before: object) -> list[str]:
        return []

    def snapshot(
        self, connection: sa.Connection, before: Snapshot | None = None, statements: Iterable[str] = ()
    ) -> Snapshot:
        executed = list(statements)
        if before is None or not all(FIRST_WORD.match(statement) for statement in executed):
            before, executed, everything = Snapshot(), [], True
        else:
            everything = False
        tables = dict(before.tables)
        if everything or any(LISTED.search(statement) for statement in executed):
            there = connection.exec_driver_sql("SHOW FULL TABLES").all()  # MariaDB lists temporary ones, too
            tables = {
                str(name): tables.get(name, {})
                for name, kind in there
                if name != ddl.VERSION_TABLE and "TEMPORARY" not in kind
            }
        touched = set(tables)
        if not everything:
            known = Snapshot({**before.tables, **tables}).names()
            named = {name for each in set(executed) for name in ddl.names(each, known, backslashes=True)}
            # What a rename changes stands in the foreign keys of children, too.
            touched = Snapshot(tables).with_children(named) & tables.keys()
            touched |= {name for name, parts in tables.items() if not parts}
        for name in touched:
            tables[name] = _described(connection, name)
        if everything or any(TRIGGER.search(statement) for statement in executed) or before.triggers():
            _read_triggers(connection, tables)
        return Snapshot(tables)


def _described(connection: sa.Connection, name: str) -> Parts:
    row = connection.exec_driver_sql(f"SHOW CREATE TABLE {quoted(connection, name)}").one()
    text = str(row[1])
    if text.startswith("CREATE TABLE"):
        return ddl.table(NEXT_NUMBER.sub("", text), backslashes=True)
    database = connection.dialect.identifier_preparer.quote_identifier(connection.engine.url.database or "")
    return {"": {"view": DEFINER.sub("", text).replace(f"{database}.", "")}}


def _read_triggers(connection: sa.Connection, tables: dict[str, Parts]) -> None:
    query = (
        "SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT "
        "FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
    )
    found: dict[str, Parts] = {}
    for table, name, *definition in connection.exec_driver_sql(query):
        found.setdefault(table, {})[f"trigger {name}"] = {"definition": " ".join(definition)}
    for name, parts in tables.items():
        had = {part: attributes for part, attributes in parts.items() if part.startswith("trigger ")}
        if had != found.get(name, {}):
            tables[name] = {**{part: each for part, each in parts.items() if part not in had}, **found.get(name, {})}


def _in_memory(connection: sa.Connection, table: str) -> Server | None:
    """Return a server in memory with one table as it is there, None if it is not understood."""
    from alembic_lockstep.memory_mysql.driver import DatabaseError
    from alembic_lockstep.memory_mysql.server import Server

    server = Server()
    try:
        server.execute("SET foreign_key_checks = 0")
        text = str(connection.exec_driver_sql(f"SHOW CREATE TABLE {quoted(connection, table)}").one()[1])
        server.execute(DEFAULTS.sub("", text))  # MariaDB has defaults that MySQL has not; to keys they are nothing
    except (DatabaseError, NeedsServerError):
        return None
    return server


def _column(definition: str) -> Column | None:
    """Return a column as the server would make it, None if that is not known."""
    from alembic_lockstep.memory_mysql import columns
    from alembic_lockstep.memory_mysql.driver import DatabaseError
    from alembic_lockstep.memory_mysql.server import ODD

    try:
        return columns.read(ddl.Cursor(ddl.tokens(definition, backslashes=True)), [], "utf8mb4_bin")
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
