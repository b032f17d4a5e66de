"""Of "feat: agent model configuration in columns": what `model` held goes into columns, and back.

`model` is `{"model_info": {"model_id": 7, "temperature": 0.7, …}}` where all is well, and JSON null becomes a JSON null
in agent_model_config. Whatever else stands in a `model` stays as it is in `_rest_`, where the application keeps what it
has no column for, under KEPT: as JSON, or as its text where JSON would change it (a name twice, more digits than a
number holds, no JSON at all).
"""

from __future__ import annotations

import json
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from upgrade.batches import rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = "model_v0_1_2"
KEPT_REST = "_rest__v0_1_2"
"""A `_rest_` that is no place for a further name: empty, null, a list."""
SETTINGS = ("temperature", "top_p", "timeout")
LARGEST = 2**31 - 1
TEXT, BYTES = "text:", "hex:"
Values = dict[str, Any]


def to_columns(table: str) -> None:
    """Move `model` into model_id, agent_model_config and `_rest_`; a row that is done has no `model` any more."""
    rewrite(table, ["model", "_rest_"], split, where="model IS NOT NULL")


def to_json(table: str) -> None:
    """Build `model` again, from what is in the columns now."""
    left = "model_id IS NOT NULL OR agent_model_config IS NOT NULL OR _rest_ IS NOT NULL"
    rewrite(table, ["model_id", "agent_model_config", "_rest_"], joined, where=f"model IS NULL AND ({left})")


def split(row: Mapping[str, Any]) -> Values:
    """Return the new values of a row that has a `model`."""
    raw = row["model"]
    model_id, config = _fitting(raw)
    values = {"model": None, "model_id": model_id, "agent_model_config": None if config is None else json.dumps(config)}
    if _same(raw, "null"):
        values["agent_model_config"] = "null"
    elif config is None or not _same(raw, json.dumps(_model({}, model_id, config))):
        values["_rest_"] = _with(row["_rest_"], raw)
    return values


def joined(row: Mapping[str, Any]) -> Values | None:
    """Return the values of a row that had a `model`, or None if it had none."""
    kept, rest = _without(row["_rest_"])
    model_id, config = row["model_id"], _loads(row["agent_model_config"])
    if kept is not None and _fitting(kept) == (model_id, config):
        return {"model": kept, "_rest_": rest}
    if kept is None and model_id is None and config is None:
        return None if row["agent_model_config"] is None else {"model": "null"}
    # The application has had its say since.
    was = _loads(kept)
    model = json.dumps(_model(was if isinstance(was, dict) else {}, model_id, config))
    return {"model": model, "_rest_": rest} if isinstance(was, dict) else {"model": model}


def _fitting(raw: Any) -> tuple[int | None, Values | None]:
    """Return what the columns model_id and agent_model_config take of a `model`."""
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
    """Return a `model` with what is in the columns, and what they do not take of another."""
    info = was.get("model_info")
    info = {name: value for name, value in info.items() if name not in SETTINGS} if isinstance(info, dict) else {}
    if model_id is not None:
        info["model_id"] = model_id
    if isinstance(config, dict):
        return {**was, "model_info": {**info, **config}}
    return {**was, "model_info": info, **({} if config is None else {"agent_model_config": config})}


def _with(rest: Any, raw: Any) -> str:
    """Return a `_rest_` in which a `model` is kept."""
    known = _loads(rest)
    if isinstance(known, dict) and known and not known.keys() & {KEPT, KEPT_REST} and _same(rest, json.dumps(known)):
        return json.dumps({**known, KEPT: _shown(raw)})
    return json.dumps({KEPT: _shown(raw)} if rest is None else {KEPT: _shown(raw), KEPT_REST: _shown(rest)})


def _without(rest: Any) -> tuple[Any, Any]:
    """Return the `model` that is kept in a `_rest_`, None if there is none, and the `_rest_` without it."""
    known = _loads(rest)
    if not isinstance(known, dict) or KEPT not in known:
        return None, rest
    kept = _raw(known.pop(KEPT))
    if known.keys() == {KEPT_REST}:
        return kept, _raw(known[KEPT_REST])
    return kept, json.dumps(known) if known else None


def _shown(raw: Any) -> Any:
    """Return what the driver has for a JSON column as JSON, or as text where that would change it."""
    if isinstance(raw, bytes):
        return f"{BYTES}{raw.hex()}"
    value = _loads(raw)
    return f"{TEXT}{raw}" if isinstance(value, str) or not _same(raw, json.dumps(value)) else value


def _raw(shown: Any) -> Any:
    """Return what `_shown` was given."""
    if not isinstance(shown, str):
        return json.dumps(shown)
    return bytes.fromhex(shown.removeprefix(BYTES)) if shown.startswith(BYTES) else shown.removeprefix(TEXT)


def _loads(raw: Any) -> Any:
    """Return what JSON says; None also for what is none."""
    try:
        return json.loads(raw if isinstance(raw, str) else json.dumps(raw))  # SQLite makes a number of "7"
    except (TypeError, ValueError, RecursionError):
        return None


def _same(raw: Any, other: str) -> bool:
    """Return whether two texts of JSON say the same, to the last digit."""
    try:
        return bool(_exact(str(raw)) == _exact(other))
    except (ValueError, RecursionError):
        return False


def _exact(text: str) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> tuple[str, list[tuple[str, Any]]]:
        return "object", sorted(found, key=itemgetter(0))

    return json.loads(text, object_pairs_hook=pairs, parse_float=Decimal)
