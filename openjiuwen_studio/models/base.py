"""What the models of the agent database share."""

from sqlalchemy import BigInteger, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from openjiuwen_studio.naming import NAMING_CONVENTION

# The version of anything that is not published yet.
DRAFT = "draft"


class Base(DeclarativeBase):
    """The base of every model of the agent database."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class EpochTimes:
    """When a row was created and last changed, in milliseconds since 1970.

    The columns of a mixin come after those of the model itself.
    """

    create_time: Mapped[int | None] = mapped_column(BigInteger)
    update_time: Mapped[int | None] = mapped_column(BigInteger)
