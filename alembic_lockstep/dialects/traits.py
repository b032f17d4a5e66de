"""The traits of a dialect: how its servers behave, as far as scripts and their proof depend on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """How the servers of a dialect behave. The defaults are those of a server without peculiarities.

    Attributes:
        batch_alter: all changes of a table go into one block of Alembic's batch mode, which rebuilds the table.
        transactional_ddl: a revision that fails leaves nothing behind. Where each DDL statement commits, statements
            that can fail have to come before those that drop data.
        enforces_foreign_keys_during_ddl: the server refuses to create a foreign key to a table that is missing, and to
            drop a table or an index that a foreign key needs.
        indexes_foreign_keys: the server creates an index for a foreign key that has none, drops it when another index
            serves the foreign key, and keeps it when the foreign key is dropped.
        long_text_default_needs_expression: text, blob and JSON columns take no literal as their default, only an
            expression in parentheses.
        set_default_refuses_long_text: ALTER COLUMN … SET DEFAULT refuses these columns; the column has to be restated.
        backslash_escapes: a backslash escapes in string literals.
        names_primary_keys: a primary key has the name that it is given.
        invents_values: a new column that is NOT NULL without a default gets an invented value in existing rows; other
            servers refuse it.
        memory_is_engine: a replay in memory runs on the real engine, so that what fails there fails everywhere.
    """

    batch_alter: bool = False
    transactional_ddl: bool = True
    enforces_foreign_keys_during_ddl: bool = True
    indexes_foreign_keys: bool = False
    long_text_default_needs_expression: bool = False
    set_default_refuses_long_text: bool = False
    backslash_escapes: bool = False
    names_primary_keys: bool = True
    invents_values: bool = False
    memory_is_engine: bool = False
