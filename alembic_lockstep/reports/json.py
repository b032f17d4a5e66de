"""Results as JSON, for `--json`. The keys are a promise to programs: they stay when names in the code change."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alembic_lockstep.errors import Fault
    from alembic_lockstep.live.results import Status
    from alembic_lockstep.roundtrip.results import ChainResult
    from alembic_lockstep.roundtrip.summary import RoundTripResult


def statuses(found: list[Status]) -> str:
    """Return the state of live databases, an object each."""
    return _text([asdict(status) for status in found])


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
