"""The interface of a dialect: facts, and a part for each concern."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    import sqlalchemy as sa
    from alembic.operations.ops import CreateIndexOp
    from sqlalchemy.engine.interfaces import Dialect as SQLAlchemyDialect

    from alembic_lockstep.dialects.traits import Traits
    from alembic_lockstep.errors import NeedsServerError
    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.schema.snapshot import Snapshot
    from alembic_lockstep.schema.table import Table


@dataclass(frozen=True, slots=True)
class ScratchEngine:
    """A connection to a scratch database.

    Attributes:
        engine: connects to it.
        server: what serves it, for people, such as `mysql:9.7` or `SQLite 3.45`.
    """

    engine: sa.Engine
    server: str


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """What a section says of the target's databases, for those that are made: scratch, in memory, and live.

    Attributes:
        charset: the default character set; empty for the usual one.
        collation: the default collation; empty for that of the character set.
        driver: the driver that the section's URL names; empty for none.
    """

    charset: str = ""
    collation: str = ""
    driver: str = ""


USUAL = DatabaseSettings()


def quoted(connection: sa.Connection, name: str) -> str:
    """Return a name as it stands in SQL for `exec_driver_sql`."""
    text: str = connection.dialect.identifier_preparer.quote_identifier(name)
    return text


class Comparison(ABC):
    """Comparison of what a server reports with what models declare."""

    @abstractmethod
    def same_default(self, reflected: str, column: sa.Column[Any], dialect: SQLAlchemyDialect) -> bool:
        """Return whether the server would report the default of the models' column as it reports the existing one.

        Args:
            reflected: the existing default.
            column: from the models; it has a default.
            dialect: SQLAlchemy's dialect.
        """

    def default_text(self, default: Any, dialect: SQLAlchemyDialect) -> str | None:
        """Return the SQL that a default of the models stands for, None if it is what SQLAlchemy makes of it.

        Args:
            default: the default, which knows its column.
            dialect: SQLAlchemy's dialect.
        """
        return None

    def same_type(self, there: sa.Column[Any], wanted: sa.Column[Any], dialect: SQLAlchemyDialect) -> bool | None:
        """Return whether a reflected type is how the server reports the models' type; None to let Alembic decide.

        Args:
            there: the column from the database, in its reflected table.
            wanted: the column from the models.
            dialect: SQLAlchemy's dialect.
        """
        return None

    numbers_columns: ClassVar[bool] = False
    """Whether it is an attribute of a column, which can be changed, that the server numbers rows by it."""

    @abstractmethod
    def existing(self, connection: sa.Connection, names: Iterable[str]) -> dict[str, Table]:
        """Return tables as their server defines them, without those whose definition is not understood.

        Args:
            connection: the database.
            names: the tables.
        """

    @abstractmethod
    def wanted(self, connection: sa.Connection, table: sa.Table, indexes: Iterable[sa.Index]) -> Table | None:
        """Return how the server of a database would define a table if models had made it; None if that is not known.

        Args:
            connection: the database.
            table: the explicit table of the models; foreign keys are left out.
            indexes: its indexes.
        """

    def restoring(self, connection: sa.Connection, table: sa.Table, indexes: Iterable[sa.Index]) -> list[str]:
        """Return the statements that made a table where what is reflected of it would not restore it.

        Args:
            connection: the database.
            table: the explicit table as it is reflected.
            indexes: its indexes as they are reflected.
        """
        return []

    def primary_key_statement(self, table: str, columns: tuple[str, ...], before: tuple[str, ...]) -> str:
        """Return the statement that replaces the primary key of a table in one step; empty where a table is copied.

        Args:
            table: the table.
            columns: those of the new key, as SQL; none for no key.
            before: those of the present one.
        """
        return ""

    def named_options(self, table: sa.Table) -> list[str]:
        """Return the options that a table of the models names and that can be changed, as `existing` names them."""
        return []

    def unreflected_options(self, table: Table) -> dict[str, Any]:
        """Return the options, as models name them, that a table has and SQLAlchemy does not reflect."""
        return {}

    def option_statement(self, table: str, name: str, value: str) -> str:
        """Return the statement that sets an option of a table.

        Args:
            table: the table.
            name: the option, one of `named_options`.
            value: its value; empty for the default.
        """
        raise NotImplementedError

    def is_same_index(self, connection: sa.Connection, op: CreateIndexOp) -> bool:
        """Return whether the operation would create the index as it exists already."""
        return False

    def has_prefix(self, index: Mapping[str, Any]) -> bool:
        """Return whether an index, as an inspector reflects it, holds only the beginnings of a column's values."""
        return False

    def usual_options(self, connection: sa.Connection) -> dict[str, str]:
        """Return the default options of tables in a database, as SQLAlchemy names them."""
        return {}

    @contextmanager
    def rendering(self, connection: sa.Connection) -> Iterator[None]:
        """Render scripts as they are meant, for as long as the block lasts; the connection is only read meanwhile."""
        yield


class Schema(ABC):
    """Reading the schema of a database."""

    @abstractmethod
    def snapshot(
        self, connection: sa.Connection, before: Snapshot | None = None, statements: Iterable[str] = ()
    ) -> Snapshot:
        """Return the schema of the connected database, without Alembic's version table.

        Args:
            connection: the database; it is only read.
            before: an earlier snapshot; tables that none of the statements can have changed are taken from it.
            statements: the SQL executed since then.
        """


class Scratch(ABC):
    """Scratch databases, and databases in memory."""

    @abstractmethod
    def memory(self, settings: DatabaseSettings = USUAL) -> AbstractContextManager[sa.Engine]:
        """Provide an empty database in memory for as long as the block lasts.

        Raises:
            NeedsServerError: only a real server can be set up like this.
        """

    @abstractmethod
    def database(
        self, name: str, folder: Path, notify: Reporter, settings: DatabaseSettings = USUAL
    ) -> AbstractContextManager[ScratchEngine]:
        """Provide a scratch database and remove it afterwards.

        Args:
            name: the target's name, which becomes part of the database's name.
            folder: for files of the database.
            notify: called with what takes long, such as the start of a server.
            settings: those of its section.

        Raises:
            NoServerError: there is no server for it.
        """

    def obstacle(self, engine: sa.Engine) -> NeedsServerError | None:
        """Return the first thing that a database in memory did not know, even if the revision caught the error."""
        return None

    def copy(self, source: sa.Connection, into: sa.Connection) -> bool:
        """Copy a scratch database, or one in memory, into an empty one if possible; return whether it was done.

        Alembic's version table need not be copied.
        """
        return False

    def repair(self, source: sa.Connection, into: sa.Connection, touched: set[str]) -> set[str] | None:
        """Make a scratch database like another one where copying tables is faster than making it anew.

        Args:
            source: the other scratch database.
            into: the one that is to be like it.
            touched: tables whose rows cannot be used any more.

        Returns:
            The tables that were copied; None if it was not done, and the database has to be made anew.
        """
        return None


@dataclass(frozen=True, slots=True)
class StatementLimits:
    """How much one statement may hold.

    Attributes:
        values: the most values.
        characters: the most characters of text in them.
    """

    values: int
    characters: int


class Rows(ABC):
    """Writing rows, and checking their foreign keys."""

    mark: ClassVar[str] = "?"
    """The driver's placeholder for a value in SQL."""
    only_defaults: ClassVar[str] = "DEFAULT VALUES"
    """What follows INSERT INTO and the table for a row that names no column."""

    @abstractmethod
    def limits(self, connection: sa.Connection) -> StatementLimits:
        """Return how much a statement may hold on a connection."""

    def may_pass(self, error: sa.exc.DBAPIError) -> bool:
        """Return whether the same transaction can succeed when it is tried again, as after a deadlock."""
        return False

    def stored(self, value: Any) -> Any:
        """Return a Python value as SQLAlchemy's types hand it to the driver."""
        return value

    @contextmanager
    def without_foreign_key_checks(self, connection: sa.Connection) -> Iterator[None]:
        """Do not enforce foreign keys on a scratch database for as long as the block lasts."""
        yield

    @abstractmethod
    def violations(self, connection: sa.Connection) -> object:
        """Return the broken foreign keys of a database, where the server does not enforce them itself."""

    @abstractmethod
    def new_violations(self, connection: sa.Connection, before: object) -> list[str]:
        """Return the foreign keys that were broken since `before`, a result of `violations`, a line each."""


class Session:
    """The session of a connection on which revisions run."""

    def keeps_rows(self, connection: sa.Connection) -> bool:
        """Return whether what is inserted stays, which it does not in every database in memory."""
        return True

    def start(self, connection: sa.Connection) -> None:
        """Make a session strict again before a revision, whatever `sql_mode` the server or an earlier one has set."""


class Live(ABC):
    """Live databases: connections, locks, and how they are described."""

    @abstractmethod
    def located(self, url: sa.URL, root: Path) -> sa.URL:
        """Return the URL of a live database as it holds from any folder.

        Args:
            url: as the user gives it.
            root: the folder that relative paths are relative to.

        Raises:
            CannotRunError: it names no database that lasts.
        """

    @abstractmethod
    def identity(self, url: sa.URL) -> object:
        """Return what the URLs of one database have in common, as far as they tell: users and drivers do not matter.

        Args:
            url: from `located`.
        """

    @abstractmethod
    def engine(self, url: sa.URL) -> sa.Engine:
        """Return an engine for migrating a live database."""

    def reading_engine(self, url: sa.URL) -> sa.Engine:
        """Return an engine that only reads a live database and takes no locks."""
        return self.engine(url)

    @abstractmethod
    def prepare(self, url: sa.URL, settings: DatabaseSettings, *, create: bool) -> None:
        """Make sure that a live database exists before it is upgraded.

        Args:
            url: the database.
            settings: those of its section, for one that is made.
            create: create a missing database on a server.

        Raises:
            CannotRunError: it is missing.
        """

    @abstractmethod
    def is_missing(self, url: sa.URL) -> bool:
        """Return whether a database is known to be missing without connecting to it."""

    @abstractmethod
    def locked(self, connection: sa.Connection, seconds: int) -> AbstractContextManager[Callable[[], bool]]:
        """Lock a live database for this process, waiting up to `seconds` for another to finish.

        Returns:
            A context manager; in its block a function tells whether this process still has the lock.

        Raises:
            TimeoutError: another process has the lock.
        """

    @abstractmethod
    def where(self, url: sa.URL, root: Path) -> str:
        """Return where a database is, as text without its password."""

    def reason(self, error: sa.exc.DBAPIError) -> str:
        """Return why a database could not be reached, in a few words."""
        return str(error.orig)

    @abstractmethod
    def after_failure(self, *, committed: bool) -> str:
        """Return what a revision that failed half-way has left in the database, as text.

        Args:
            committed: whether it has committed by itself.
        """


class Dialect:
    """One dialect: facts, and a part for each concern, whose module is imported when it is used first."""

    name: ClassVar[str]
    traits: ClassVar[Traits]

    @cached_property
    def comparison(self) -> Comparison:
        """Comparison of what a server reports with what models declare."""
        return cast("Comparison", self._part("Comparison"))

    @cached_property
    def schema(self) -> Schema:
        """Reading the schema of a database."""
        return cast("Schema", self._part("Schema"))

    @cached_property
    def scratch(self) -> Scratch:
        """Scratch databases, and databases in memory."""
        return cast("Scratch", self._part("Scratch"))

    @cached_property
    def rows(self) -> Rows:
        """Writing rows, and checking their foreign keys."""
        return cast("Rows", self._part("Rows"))

    @cached_property
    def session(self) -> Session:
        """The session of a connection on which revisions run."""
        return cast("Session", self._part("Session"))

    @cached_property
    def live(self) -> Live:
        """Live databases."""
        return cast("Live", self._part("Live"))

    def _part(self, name: str) -> object:
        """Return a part of the dialect: the class of this name in the module of its package that is called like it."""
        module = importlib.import_module(f"{type(self).__module__}.{name.lower()}")
        return getattr(module, name)()
