"""What the models of the ops database share."""

from datetime import UTC, datetime

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from openjiuwen_studio.naming import NAMING_CONVENTION


class Base(DeclarativeBase):
    """The base of every model of the ops database."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


def naive_utc_now() -> datetime:
    """Return the current time in UTC, naive, as the columns have no time zone."""
    return datetime.now(UTC).replace(tzinfo=None)
