"""Results as JSON, for `--json`. The keys are a promise to programs: they stay when names in the code change."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alembic_lockstep.errors import Fault
    from alembic_lockstep.live.results import Status
    from alembic_lockstep.project.drafts import Draft
    from alembic_lockstep.roundtrip.results import ChainResult
    from alembic_lockstep.roundtrip.summary import RoundTripResult


def statuses(found: list[Status], draft: Draft | None = None, scripts: Mapping[str, str] | None = None) -> str:
    """Return the state of live databases, an object each.

    Args:
        found: the databases.
        draft: the open draft.
        scripts: where its scripts are, by target.
    """
    return _text([{**asdict(status), "draft": _draft(draft, status.target, scripts or {})} for status in found])


def _draft(draft: Draft | None, target: str, scripts: Mapping[str, str]) -> dict[str, Any] | None:
    """Return what a draft has for a target; None if it is not one of its targets."""
    if draft is None or target not in draft.scripts:
        return None
    return {"revision": draft.revision, "message": draft.message, "script": scripts.get(target)}


def round_trips(result: RoundTripResult) -> str:
    """Return the results of round trips."""
    return _text(
        {
            "trips": {name: _chain(chain) for name, chain in result.chains.items()},
            "faults": {name: _fault(fault) for name, fault in result.faults.items()},
            "twins": [asdict(pair) for pair in result.twins],
            "strays": result.unmatched_cases,
            "seconds": result.seconds,
        }
    )


def _chain(chain: ChainResult) -> dict[str, Any]:
    """Return the result of a chain without its schemas, which are long and only there to compare twins."""
    data = asdict(chain)
    del data["schemas"]
    return data


def _fault(fault: Fault) -> dict[str, Any]:
    return {"kind": fault.kind, "headline": fault.headline, "detail": fault.detail, "code": fault.exit_code}


def _text(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)
