"""How the servers of a dialect behave while revisions change tables, as far as generated scripts depend on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a generated script has to take into account. The defaults are those of a server without peculiarities.

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
    """

    batch_alter: bool = False
    transactional_ddl: bool = True
    enforces_foreign_keys_during_ddl: bool = True
    indexes_foreign_keys: bool = False
    long_text_default_needs_expression: bool = False
    set_default_refuses_long_text: bool = False
