"""The index of a document keeps its id and its name, each in the renamed column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

ROWS = [(9001, "id 1", "name 1"), (9002, None, "name 2"), (9003, "id 3", None)]


def before(connection: Connection) -> None:
    insert = text(
        "INSERT INTO knowledge_base_document (id, space_id, kb_id, doc_id, name, file_path, status, es_index_id, "
        "es_index_name) VALUES (:id, 'space', 'base', :doc, 'file', '/file', 'uploaded', :index, :name)"
    )
    for number, index, name in ROWS:
        connection.execute(insert, {"id": number, "doc": f"document {number}", "index": index, "name": name})


def after(connection: Connection) -> None:
    query = "SELECT id, index_id, index_name FROM knowledge_base_document WHERE id BETWEEN 9001 AND 9003 ORDER BY id"
    assert [tuple(row) for row in connection.execute(text(query))] == ROWS
