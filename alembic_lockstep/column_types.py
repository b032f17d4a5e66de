"""A column type that revisions may use for one that only the application knows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


class DDLType(sa.types.UserDefinedType[Any]):
    """A column type that is what its DDL says, such as `DDLType("VARCHAR(45)")`.

    A generated script has it where models have a type of the application's own: the script stays what it is when that
    type changes or goes. Values are passed to the driver as they are.

    Args:
        ddl: the type as it stands in CREATE TABLE.
    """

    cache_ok = True

    def __init__(self, ddl: str) -> None:
        self.ddl = ddl

    def get_col_spec(self, **_options: Any) -> str:
        """Return the type as it stands in CREATE TABLE, as SQLAlchemy asks of such types."""
        return self.ddl

    def __repr__(self) -> str:
        return f"DDLType({self.ddl!r})"
