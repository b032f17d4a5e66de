"""The exceptions of the in-memory server, in the hierarchy that PEP 249 requires of a DBAPI module."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic_lockstep.schema.sql import Token


class Error(Exception):
    """The base class of all DBAPI errors."""


class DatabaseError(Error):
    """The base class of the errors that the server itself reports."""


class OperationalError(DatabaseError):
    """The server refuses a statement; as with MySQL's drivers, the arguments are error number and message."""


class ProgrammingError(DatabaseError):
    """A statement is no SQL, or names a table that does not exist."""


def syntax_error(token: Token) -> ProgrammingError:
    """Return the error about a statement that is no SQL from a token on."""
    near = f"near '{token.text}'" if token.text else "at its end"
    return ProgrammingError(1064, f"You have an error in your SQL syntax {near}")
