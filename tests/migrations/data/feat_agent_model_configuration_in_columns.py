"""Whatever `model` can hold: what fits is moved into columns, the rest stays readable, and all of it is restored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

TABLES = ("agent", "agent_publish")
OLD, NEW = ("model", "_rest_"), ("model_id", "agent_model_config", "_rest_")
KEPT, KEPT_REST = "model_v0_1_2", "_rest__v0_1_2"
FULL = '{"model_info": {"model_id": 7, "temperature": 0.7, "top_p": 1, "timeout": null}}'
FURTHER = '{"model_info": {"model_id": 8, "top_p": 0.5, "api_key": "über"}, "name": "x"}'
NO_ID = '{"model_info": {"temperature": 0}}'
NO_INFO = '{"name": "gpt", "model_id": 7}'

Case = tuple[str | None, str | None, int | None, Any, Any]
# model, _rest_; then model_id, agent_model_config, _rest_
CASES: list[Case] = [
    (None, None, None, None, None),
    (None, '{"a": 1}', None, None, {"a": 1}),
    (FULL, None, 7, {"temperature": 0.7, "top_p": 1, "timeout": None}, None),
    (FULL, '{"a": 1}', 7, {"temperature": 0.7, "top_p": 1, "timeout": None}, {"a": 1}),
    (NO_ID, None, None, {"temperature": 0}, None),
    ('{"model_info": {}}', "null", None, {}, None),
    ("null", None, None, None, None),
    (FURTHER, None, 8, {"top_p": 0.5}, {KEPT: json.loads(FURTHER)}),
    (FURTHER, '{"a": 1}', 8, {"top_p": 0.5}, {"a": 1, KEPT: json.loads(FURTHER)}),
    (NO_INFO, "{}", None, None, {KEPT: json.loads(NO_INFO), KEPT_REST: {}}),
    (NO_INFO, "null", None, None, {KEPT: json.loads(NO_INFO), KEPT_REST: None}),
    (NO_INFO, "[1]", None, None, {KEPT: json.loads(NO_INFO), KEPT_REST: [1]}),
    ('{"model_info": {"model_id": "7"}}', None, None, {}, {KEPT: {"model_info": {"model_id": "7"}}}),
    ('{"model_info": {"model_id": 7.5}}', None, None, {}, {KEPT: {"model_info": {"model_id": 7.5}}}),
    ('{"model_info": {"model_id": true}}', None, None, {}, {KEPT: {"model_info": {"model_id": True}}}),
    ('{"model_info": {"model_id": 2147483648}}', None, None, {}, {KEPT: {"model_info": {"model_id": 2147483648}}}),
    ('{"model_info": [7]}', None, None, None, {KEPT: {"model_info": [7]}}),
    ("[]", None, None, None, {KEPT: []}),
    ('[{"model_info": {"model_id": 7}}]', None, None, None, {KEPT: [{"model_info": {"model_id": 7}}]}),
    ('"gpt"', None, None, None, {KEPT: 'text:"gpt"'}),
    ("7", None, None, None, {KEPT: 7}),
    ("{}", None, None, None, {KEPT: {}}),
]
# What MySQL refuses or changes when it is inserted.
TWICE = '{"model_info": {"model_id": 7, "model_id": 8}}'
DIGITS = '{"model_info": {"model_id": 7, "temperature": 0.7000000000000000000000001}}'
ON_SQLITE: list[Case] = [
    (TWICE, None, 8, {}, {KEPT: f"text:{TWICE}"}),
    (DIGITS, None, 7, {"temperature": 0.7}, {KEPT: f"text:{DIGITS}"}),
    ("gpt", "none", None, None, {KEPT: "text:gpt", KEPT_REST: "text:none"}),
]
FIRST = 9001


def cases(connection: Connection) -> list[Case]:
    return CASES + (ON_SQLITE if connection.dialect.name == "sqlite" else [])


def before(connection: Connection) -> None:
    for table in TABLES:
        insert = text(
            f"INSERT INTO {table} (id, agent_id, agent_version, space_id, model, _rest_) "
            "VALUES (:id, :agent_id, 'draft', 'space', :model, :rest)"
        )
        for number, (model, rest, *_) in enumerate(cases(connection), start=FIRST):
            connection.execute(insert, {"id": number, "agent_id": f"agent {number}", "model": model, "rest": rest})


def after(connection: Connection) -> None:
    for table in TABLES:
        found = [(row[0], said(row[1]), said(row[2])) for row in rows(connection, table, *NEW)]
        for (model, _, *expected), row in zip(cases(connection), found, strict=True):
            assert row == tuple(expected), f"{table}: {model} became {row}"


def restored(connection: Connection) -> None:
    for table in TABLES:
        for (model, rest, *_), row in zip(cases(connection), rows(connection, table, *OLD), strict=True):
            assert (exact(row[0]), exact(row[1])) == (exact(model), exact(rest)), f"{table}: {model} came back as {row}"


def rows(connection: Connection, table: str, *columns: str) -> list[Any]:
    last = FIRST + len(cases(connection)) - 1
    query = f"SELECT {', '.join(columns)} FROM {table} WHERE id BETWEEN {FIRST} AND {last} ORDER BY id"
    return list(connection.exec_driver_sql(query))


def said(raw: Any) -> Any:
    return None if raw is None else json.loads(str(raw))


def exact(raw: Any) -> Any:
    """Return the value of a JSON text, or the text itself if it is not JSON; NULL differs from JSON null."""
    try:
        return raw if raw is None else ("json", json.loads(str(raw)))
    except ValueError:
        return raw
