"""For a chain that is only run."""

from sqlalchemy import MetaData

metadata = MetaData()
