"""What the data parts of revisions make of one row: up, down, and with what the application does in between."""

from __future__ import annotations

import json
from typing import Any

import pytest

from upgrade.data_parts.agent_model_configuration import joined, split

FULL = '{"model_info": {"model_id": 7, "temperature": 0.7, "timeout": 60}}'
FURTHER = '{"model_info": {"model_id": 8, "top_p": 1, "api_key": "x"}, "name": "n"}'
MODELS: list[Any] = [
    FULL, FURTHER, "null", "{}", "[]", "[1]", "true", '"x"', '"text:x"', '"hex:00"', "5", 5, 1.5, "", "none", "hex:00",
    '{"model_info": null}', '{"model_info": {}}', '{"model_info": [7]}', '{"model_info": {"model_id": "7"}}',
    '{"model_info": {"model_id": true}}', '{"model_info": {"model_id": 7.0}}', '{"model_info": {"model_id": null}}',
    '{"model_info": {"model_id": 2147483648}}', '{"model_info": {"model_id": -2147483647}}',
    '{"model_info": {"model_id": 1, "model_id": 2}}', '{"model_info": {"temperature": 0.70000000000000000001}}',
    '{"model_info": {"temperature": 1e999}}', '{"model_info": {"temperature": NaN}}',
    '{"model_info": {"name": "\\ud800"}}', '{"model_v0_1_2": 1}', "[" * 100 + "]" * 100,
    '"hex:zz"', "[" * 5000, "1" * 5000, b"\x00\xff",
]  # fmt: skip
RESTS: list[Any] = [None, "null", "{}", "[]", '{"a": 1}', "none", '{"a": 1, "a": 2}', 5, '"s"', b"\x01",
                    '{"_rest__v0_1_2": 1}', '{"model_v0_1_2": "hex:zz"}', '{"model_v0_1_2": 5, "b": 2}']  # fmt: skip


def row(model: Any, rest: Any) -> dict[str, Any]:
    return {"model": model, "model_id": None, "agent_model_config": None, "_rest_": rest}


def said(value: Any) -> Any:
    """To the last digit; what is no JSON as it is, and SQLite makes a number of what looks like one."""
    try:
        return "json", json.loads(
            str(value), parse_float=str, object_pairs_hook=lambda pairs: ("object", sorted(pairs))
        )
    except (ValueError, RecursionError):
        return value


@pytest.mark.parametrize("rest", RESTS, ids=repr)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: repr(model)[:40])
def test_everything_comes_back_and_a_second_time(model: Any, rest: Any) -> None:
    there = row(model, rest)
    for _time in range(2):
        up = {**there, **split(there)}
        assert up["model"] is None
        down = {**up, **(joined(up) or {})}
        assert [said(down[name]) for name in ("model", "_rest_")] == [said(model), said(rest)]
        assert joined(down) is None
        there = down


@pytest.mark.parametrize("rest", [rest for rest in RESTS if "model_v0_1_2" not in str(rest)], ids=repr)
def test_row_without_a_model_is_left_alone(rest: Any) -> None:
    assert joined(row(None, rest)) is None


CHANGED: list[tuple[str, dict[str, Any], Any]] = [
    (FULL, {"model_id": 9}, {"model_info": {"model_id": 9, "temperature": 0.7, "timeout": 60}}),
    (FULL, {"model_id": None}, {"model_info": {"temperature": 0.7, "timeout": 60}}),
    (FULL, {"agent_model_config": '{"max_tokens": 5}'}, {"model_info": {"model_id": 7, "max_tokens": 5}}),
    (FULL, {"agent_model_config": None}, {"model_info": {"model_id": 7}}),
    (FULL, {"agent_model_config": "[1]"}, {"model_info": {"model_id": 7}, "agent_model_config": [1]}),
    (FULL, {"agent_model_config": "gpt"}, {"model_info": {"model_id": 7}, "agent_model_config": "text:gpt"}),
    (FURTHER, {"model_id": 9}, {"model_info": {"model_id": 9, "top_p": 1, "api_key": "x"}, "name": "n"}),
    (FURTHER, {"model_id": None}, {"model_info": {"top_p": 1, "api_key": "x"}, "name": "n"}),
    (FURTHER, {"agent_model_config": "{}"}, {"model_info": {"model_id": 8, "api_key": "x"}, "name": "n"}),
    (
        FULL,
        {"agent_model_config": '{"model_id": 3}'},
        {"model_info": {"model_id": 7}, "agent_model_config": {"model_id": 3}},
    ),
    (
        '{"model_info": {"timeout": 0, "x": 1}}',
        {"agent_model_config": '{"timeout": false}'},
        {"model_info": {"timeout": False, "x": 1}},
    ),
    ("null", {"model_id": 9}, {"model_info": {"model_id": 9}}),
    ('{"model_info": {"model_id": "gpt"}}', {"model_id": 9}, {"model_info": {"model_id": 9}}),
    ('{"name": "n"}', {"model_id": 9}, {"name": "n", "model_info": {"model_id": 9}}),
]


@pytest.mark.parametrize(("model", "change", "expected"), CHANGED)
def test_what_the_application_has_set_since_counts(model: str, change: dict[str, Any], expected: Any) -> None:
    up = {**row(model, None), **split(row(model, None)), **change}
    down = joined(up)
    assert down is not None
    assert json.loads(down["model"]) == expected
    assert {**up, **down}["_rest_"] is None


def test_settings_that_no_column_takes_stay_beside_new_values() -> None:
    model = '{"model_info": {"temperature": Infinity, "top_p": 0.5}}'
    down = joined({**row(model, None), **split(row(model, None)), "model_id": 9})
    assert down is not None
    assert json.loads(down["model"]) == {"model_info": {"temperature": float("inf"), "top_p": 0.5, "model_id": 9}}


@pytest.mark.parametrize("model", ["[1]", '{"model_info": [7]}', "none", '"x"', '{"p": 0.70000000000000000001}'])
def test_what_has_no_place_beside_new_values_stays_kept(model: str) -> None:
    up = {**row(model, None), **split(row(model, None)), "model_id": 9}
    down = {**up, **(joined(up) or {})}
    assert json.loads(down["model"])["model_info"] == {"model_id": 9}
    assert down["_rest_"] == up["_rest_"] is not None
    assert joined(down) is None


def test_row_that_is_done_takes_what_the_application_sets_later() -> None:
    """A downgrade was broken off, the application went on, and the downgrade is run again."""
    up = {**row(FURTHER, None), **split(row(FURTHER, None))}
    done = {**up, **(joined(up) or {}), "model_id": 9}
    again = joined(done)
    assert again is not None
    assert json.loads(again["model"]) == {"model_info": {"model_id": 9, "top_p": 1, "api_key": "x"}, "name": "n"}
