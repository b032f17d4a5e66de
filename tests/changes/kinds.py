"""All kinds of changes, under the headings of the documentation."""

from __future__ import annotations

from tests.changes import checks, columns, foreign_keys, generated, indexes, keys, tables

HEADINGS = {
    "Columns": columns.KINDS,
    "Primary keys and unique constraints": keys.KINDS,
    "Foreign keys": foreign_keys.KINDS,
    "CHECKs": checks.KINDS,
    "Generated columns": generated.KINDS,
    "Indexes": indexes.KINDS,
    "Tables, types of the application, views and triggers": tables.KINDS,
}
ALL = [kind for kinds in HEADINGS.values() for kind in kinds]
