"""The exceptions of the in-memory server, in the hierarchy that PEP 249 requires of a DBAPI module."""

from __future__ import annotations


class Error(Exception):
    """The base class of all DBAPI errors."""


class DatabaseError(Error):
    """The base class of the errors that the server itself reports."""


class OperationalError(DatabaseError):
    """The server refuses a statement; as with MySQL's drivers, the arguments are error number and message."""


class ProgrammingError(DatabaseError):
    """A statement names a table that does not exist."""
