"""Data part of "feat: agent model configuration in columns": move the contents of `model` into columns, and back.

A regular `model` is `{"model_info": {"model_id": 7, "temperature": 0.7, …}}`; JSON null becomes JSON null in
agent_model_config. Anything else in a `model` is kept unchanged in `_rest_`, where the application keeps what it has no
column for, under KEPT: as JSON, or as its text where JSON would change it (duplicate names, more digits than a number
holds, text that is not JSON).
"""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from alembic_lockstep import rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = "model_v0_1_2"
KEPT_REST = "_rest__v0_1_2"
"""The key for a `_rest_` that cannot take a further name: empty, null, a list."""
SETTINGS = ("temperature", "top_p", "timeout")
LARGEST = 2**31 - 1
TEXT, BYTES = "text:", "hex:"
DEEPEST = 20
"""Levels of nested JSON: MariaDB allows 32, MySQL 100, and `_rest_` adds one."""
Values = dict[str, Any]


def to_columns(table: str) -> None:
    """Move `model` into model_id, agent_model_config and `_rest_`. A row that is done no longer has a `model`."""
    rewrite(table, ["model", "_rest_"], split, where="model IS NOT NULL")


def to_json(table: str) -> None:
    """Rebuild `model` from the present values of the columns. A row that is done has none left."""
    some = "model_id IS NOT NULL OR agent_model_config IS NOT NULL OR _rest_ IS NOT NULL"
    rewrite(table, ["model", "model_id", "agent_model_config", "_rest_"], joined, where=some)


def split(row: Mapping[str, Any]) -> Values:
    """Return the new values of a row that has a `model`."""
    raw, rest = row["model"], row["_rest_"]
    model_id, config = _fitting(raw)
    fits = config is not None and _same(raw, json.dumps(_model({}, model_id, json.dumps(config))))
    values = {"model": None, "model_id": model_id, "agent_model_config": None if config is None else json.dumps(config)}
    if _same(raw, "null"):
        fits, values["agent_model_config"] = True, "null"
    there = _loads(rest)
    if not fits or (isinstance(there, dict) and KEPT in there):
        values["_rest_"] = _with(rest, raw)
    return values


def joined(row: Mapping[str, Any]) -> Values | None:
    """Return the new values of a row that had a `model`, or None if it had none or is done.

    Since the upgrade the application may have set the columns, also in a row that an earlier downgrade has done.
    """
    model_id, config = row["model_id"], row["agent_model_config"]
    nothing = model_id is None and config is None
    done = {"model_id": None, "agent_model_config": None}
    kept, rest = row["model"], row["_rest_"]
    if kept is not None:
        if nothing:
            return None
        old_id, old_config = _fitting(kept)
        model_id = old_id if model_id is None else model_id
        config = json.dumps(old_config) if config is None else config
    else:
        kept, rest = _without(rest)
        if kept is None and nothing:
            return None
        if kept is None and model_id is None and _same(config, "null"):
            return {**done, "model": "null"}
        if kept is not None and _alike(_fitting(kept), (model_id, _loads(config))):
            return {**done, "model": kept, "_rest_": rest}
    was = _loads(kept)
    model = json.dumps(_model(was if isinstance(was, dict) else {}, model_id, config))
    # Keep the old `model` in `_rest_` unless the new one holds all of it: it may be no object, or change as JSON.
    whole = kept is None or (isinstance(was, dict) and isinstance(was.get("model_info", {}), dict))
    whole = whole and (kept is None or _same(kept, json.dumps(was)))
    return {**done, "model": model, **({"_rest_": rest} if whole else {})}


def _fitting(raw: Any) -> tuple[int | None, Values | None]:
    """Return the values of model_id and agent_model_config that a `model` yields."""
    model = _loads(raw)
    info = model.get("model_info") if isinstance(model, dict) else None
    if not isinstance(info, dict):
        return None, None
    model_id = info.get("model_id")
    fits = type(model_id) is int and -LARGEST <= model_id <= LARGEST
    config = {name: info[name] for name in SETTINGS if name in info}
    try:
        json.dumps(config, allow_nan=False)
    except ValueError:
        return None, None
    return model_id if fits else None, config


def _model(was: Values, model_id: int | None, config: Any) -> Values:
    """Return a `model` with the values of the columns, and what an earlier `model` has besides.

    Args:
        was: the earlier one, an object.
        model_id: the value of the column.
        config: the value of the column agent_model_config, as the driver returns it.
    """
    old_id, old_config = _fitting(json.dumps(was))
    moved = {*(old_config or ()), *(() if old_id is None else ("model_id",))}
    info = was.get("model_info")
    info = {name: value for name, value in info.items() if name not in moved} if isinstance(info, dict) else {}
    if model_id is not None:
        info["model_id"] = model_id
    settings = _loads(config)
    if isinstance(settings, dict) and "model_id" not in settings and _same(config, json.dumps(settings)):
        return {**was, "model_info": {**info, **settings}}
    odd = {} if config is None or _same(config, "null") else {"agent_model_config": _shown(config)}
    return {**was, "model_info": info, **odd}


def _alike(one: Any, other: Any) -> bool:
    """Return whether two values are the same JSON; in Python 0 equals False."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _with(rest: Any, raw: Any) -> str:
    """Return the `_rest_` that keeps a `model`, besides what it holds."""
    known = _loads(rest)
    if isinstance(known, dict) and known and not known.keys() & {KEPT, KEPT_REST} and _same(rest, json.dumps(known)):
        return json.dumps({**known, KEPT: _shown(raw)})
    return json.dumps({KEPT: _shown(raw)} if rest is None else {KEPT: _shown(raw), KEPT_REST: _shown(rest)})


def _without(rest: Any) -> tuple[Any, Any]:
    """Return the `model` that a `_rest_` keeps, None if it keeps none, and the `_rest_` without it."""
    known = _loads(rest)
    if not isinstance(known, dict) or KEPT not in known:
        return None, rest
    kept = _raw(known.pop(KEPT))
    if known.keys() == {KEPT_REST}:
        return kept, _raw(known[KEPT_REST])
    return kept, json.dumps(known) if known else None


def _shown(raw: Any) -> Any:
    """Return a driver's value of a JSON column as JSON, or as marked text where JSON would change it."""
    if isinstance(raw, bytes):
        return f"{BYTES}{raw.hex()}"
    value = _loads(raw)
    as_it_is = not isinstance(value, str) and _same(raw, json.dumps(value)) and _depth(value) <= DEEPEST
    return value if as_it_is else f"{TEXT}{raw}"


def _depth(value: Any) -> int:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, parts), default=0)


def _raw(shown: Any) -> Any:
    """Return the value that `_shown` was called with."""
    if not isinstance(shown, str):
        return json.dumps(shown)
    with suppress(ValueError):
        if shown.startswith(BYTES):
            return bytes.fromhex(shown.removeprefix(BYTES))
    return shown.removeprefix(TEXT)


def _loads(raw: Any) -> Any:
    """Return the value of a JSON text; None also for text that is not JSON."""
    try:
        return json.loads(raw if isinstance(raw, str) else json.dumps(raw))  # SQLite returns a number for "7"
    except (TypeError, ValueError, RecursionError):
        return None


def _same(raw: Any, other: str) -> bool:
    """Return whether two JSON texts have the same meaning, to the last digit."""
    try:
        return bool(_exact(str(raw)) == _exact(other))
    except (ValueError, RecursionError):
        return False


def _exact(text: str) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> tuple[str, list[tuple[str, Any]]]:
        return "object", sorted(found, key=itemgetter(0))

    return json.loads(text, object_pairs_hook=pairs, parse_float=Decimal)
