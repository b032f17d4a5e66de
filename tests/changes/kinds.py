"""All kinds of changes, under the headings of the documentation."""

from __future__ import annotations

from tests.changes import columns, expressions, keys, tables

HEADINGS = {
    "Columns": columns.KINDS,
    "Keys": keys.KINDS,
    "CHECKs, generated columns and indexes": expressions.KINDS,
    "Tables, types of the application, views and triggers": tables.KINDS,
}
ALL = [kind for kinds in HEADINGS.values() for kind in kinds]
