"""What a dialect tells the rest of the tool about itself: facts, and a part for each concern."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import sqlalchemy as sa
    from alembic.operations.ops import CreateIndexOp
    from sqlalchemy.engine.interfaces import Dialect as SQLAlchemyDialect

    from alembic_lockstep.dialects.traits import Traits
    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.schema.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class ScratchEngine:
    """A connection to a scratch database.

    Attributes:
        engine: connects to it.
        server: what serves it, for people, such as `mysql:9.7` or `SQLite 3.45`.
    """

    engine: sa.Engine
    server: str


def quoted(connection: sa.Connection, name: str) -> str:
    """Return a name as it stands in SQL for `exec_driver_sql`."""
    text: str = connection.dialect.identifier_preparer.quote_identifier(name)
    return text


class Comparison(ABC):
    """How what a server reports compares with what models ask for."""

    @abstractmethod
    def same_default(self, reflected: str, column: sa.Column[Any], dialect: SQLAlchemyDialect) -> bool:
        """Return whether the server reports the default of the models' column as it reports the one that is there.

        Args:
            reflected: the default that is there.
            column: from the models; it has a default.
            dialect: SQLAlchemy's dialect.
        """

    def same_type(
        self, there: sa.types.TypeEngine[Any], wanted: sa.types.TypeEngine[Any], dialect: SQLAlchemyDialect
    ) -> bool:
        """Return whether a column's reflected type is how the server reports the models' type.

        Args:
            there: from the database.
            wanted: from the models.
            dialect: SQLAlchemy's dialect.
        """
        return False

    def is_same_index(self, connection: sa.Connection, op: CreateIndexOp) -> bool:
        """Return whether the operation would make the index as it is there already."""
        return False

    def index_parts(self, connection: sa.Connection, table: str, name: str) -> list[str]:
        """Return the parts of an index as SQL where SQLAlchemy cannot reflect them; none where it can."""
        return []

    def usual_options(self, connection: sa.Connection) -> dict[str, str]:
        """Return the options that every table of a database has that is given none, as SQLAlchemy names them."""
        return {}

    @contextmanager
    def rendering(self, connection: sa.Connection) -> Iterator[None]:
        """See that scripts are rendered as they are meant; meanwhile the connection is only read."""
        yield


class Schema(ABC):
    """How the schema of a database is read."""

    @abstractmethod
    def snapshot(
        self, connection: sa.Connection, before: Snapshot | None = None, statements: Iterable[str] = ()
    ) -> Snapshot:
        """Return the schema of the connected database, without Alembic's version table.

        Args:
            connection: the database; it is only read.
            before: an earlier snapshot; a table that none of the statements can have touched is taken from it.
            statements: what was executed since then.
        """


class Scratch(ABC):
    """Databases that are thrown away."""

    @abstractmethod
    def memory(self) -> AbstractContextManager[sa.Engine]:
        """Give an empty database in memory, for the replay of a chain; it ends with the block."""

    @abstractmethod
    def database(self, name: str, folder: Path, notify: Reporter) -> AbstractContextManager[ScratchEngine]:
        """Make a scratch database and remove it afterwards.

        Args:
            name: the target's name; it becomes part of the database's.
            folder: where files may be put.
            notify: called with what takes long, such as the start of a server.

        Raises:
            NoServerError: there is none to make it on.
        """

    def copy(self, source: sa.Connection, into: sa.Connection) -> bool:
        """Copy a whole database in memory into an empty one where that is possible; return whether it was done.

        What Alembic keeps in it need not come along.
        """
        return False


class Rows(ABC):
    """How rows are written and their foreign keys checked."""

    mark: ClassVar[str] = "?"
    """The driver's placeholder for a value in SQL."""
    only_defaults: ClassVar[str] = "DEFAULT VALUES"
    """What follows INSERT INTO and the table for a row that names no column."""

    def stored(self, value: Any) -> Any:
        """Return a Python value as SQLAlchemy's types hand it to the driver."""
        return value

    @contextmanager
    def unguarded(self, connection: sa.Connection) -> Iterator[None]:
        """Let statements on a scratch database break foreign keys meanwhile."""
        yield

    @abstractmethod
    def violations(self, connection: sa.Connection) -> object:
        """Return the broken foreign keys of the database where the engine does not guard them itself."""

    @abstractmethod
    def new_violations(self, connection: sa.Connection, before: object) -> list[str]:
        """Return foreign keys broken since `violations` was asked, a line each."""


class Live(ABC):
    """Databases that people depend on: connections, locks, and what is said of them."""

    @abstractmethod
    def engine(self, url: sa.URL) -> sa.Engine:
        """Return an engine for migrating a live database."""

    def reading_engine(self, url: sa.URL) -> sa.Engine:
        """Return an engine that only reads a live database, and is in nobody's way."""
        return self.engine(url)

    @abstractmethod
    def prepare(self, url: sa.URL, *, create: bool) -> None:
        """See that the live database exists before it is upgraded.

        Args:
            url: the database.
            create: make one that costs a decision, too.

        Raises:
            CannotRunError: it is missing.
        """

    @abstractmethod
    def is_missing(self, url: sa.URL) -> bool:
        """Return whether the database can be told to be missing without connecting to it."""

    @abstractmethod
    def locked(self, connection: sa.Connection, seconds: int) -> AbstractContextManager[None]:
        """Hold the live database for this process alone, waiting up to `seconds` for another to finish.

        Raises:
            TimeoutError: somebody else has it.
        """

    @abstractmethod
    def where(self, url: sa.URL, root: Path) -> str:
        """Return where a database is, for people, without its password."""

    def reason(self, error: sa.exc.DBAPIError) -> str:
        """Return why a database could not be reached, in a few words."""
        return str(error.orig)

    @abstractmethod
    def after_failure(self) -> str:
        """Return what a revision that failed half-way has left, for people."""


class Dialect(ABC):
    """One dialect: facts, and a part for each concern, imported when it is used first."""

    name: ClassVar[str]
    traits: ClassVar[Traits]
    backslashes: ClassVar[bool] = False
    """Whether a backslash escapes in string literals."""
    makes_up_values: ClassVar[bool] = False
    """Whether rows get a value in a new column that is NOT NULL without a default, instead of an error."""
    memory_is_the_engine: ClassVar[bool] = False
    """Whether a replay in memory runs on the engine itself, so that what it refuses no server takes."""

    @property
    @abstractmethod
    def comparison(self) -> Comparison:
        """How what a server reports compares with what models ask for."""

    @property
    @abstractmethod
    def schema(self) -> Schema:
        """How the schema of a database is read."""

    @property
    @abstractmethod
    def scratch(self) -> Scratch:
        """Databases that are thrown away."""

    @property
    @abstractmethod
    def rows(self) -> Rows:
        """How rows are written and their foreign keys checked."""

    @property
    @abstractmethod
    def live(self) -> Live:
        """Databases that people depend on."""
