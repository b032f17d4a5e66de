"""Round trips on GitHub: annotations at the files of a pull request, and a summary of the job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.reports.few import few
from alembic_lockstep.roundtrip.summary import unmatched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.roundtrip.results import ChainResult, Problem
    from alembic_lockstep.roundtrip.summary import RoundTripResult
    from alembic_lockstep.roundtrip.twins import TwinComparison


def errors(result: RoundTripResult) -> Iterator[str]:
    """Yield the lines of a job's output that GitHub turns into annotations.

    The format is described in GitHub's docs, "Workflow commands", error messages.
    """
    for name, fault in result.faults.items():
        yield f"::error title={_property(name)}::{_data(fault.headline)}"
    for name in result.unmatched_cases:
        yield f"::error title=data case::{_data(unmatched(name))}"
    for name, chain in result.chains.items():
        for line in chain.ahead():
            yield f"::error title={_property(name)}::{_data(line)}"
        for verdict in chain.verdicts:
            new = [problem for problem in verdict.problems if problem.known is None]
            problems, more = few(new)
            for problem in problems:
                yield _error(verdict.path, problem.line, f"{name} on {chain.server}", str(problem))
            if more:
                yield _error(verdict.path, new[-1].line, f"{name} on {chain.server}", f"{verdict.revision}: {more}")
    for pair in result.twins:
        for each in pair.problems:
            text = "\n".join(each.lines) or each.headline()
            yield _error(each.verdict.path, 1, f"twins {' and '.join(pair.names)}", text)


def _error(path: str, line: int, title: str, text: str) -> str:
    return f"::error file={_property(path)},line={line},title={_property(title)}::{_data(text)}"


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def summary(result: RoundTripResult) -> str:
    """Return the Markdown for GITHUB_STEP_SUMMARY."""
    lines = []
    for name, fault in result.faults.items():
        lines += [f"### {name}: not tested", "", _cell(fault.headline), ""]
    for name, chain in result.chains.items():
        lines += _chain(name, chain)
    for pair in result.twins:
        lines += _twins(pair)
    return "\n".join(lines)


def _chain(name: str, chain: ChainResult) -> list[str]:
    lines = [f"### {name} on {chain.server}: {_outcome(chain)}", ""]
    lines += ["| revision | message | verdict | ms | |", "|---|---|---|--:|---|"]
    for verdict in chain.verdicts:
        problems, more = few([_problem(problem) for problem in verdict.problems])
        found = "<br>".join(map(_cell, filter(None, [*problems, more]))) or _cell(verdict.declared)
        milliseconds = f"{1000 * sum(verdict.seconds):.0f}"
        mark = "❌ " if verdict.is_bad else ""
        cells = [f"`{verdict.revision}`", _cell(verdict.message), f"{mark}{verdict.result}", milliseconds, found]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, "", *(f"- ❌ {_cell(line)}" for line in chain.ahead()), ""]


def _problem(problem: Problem) -> str:
    return str(problem) if problem.known is None else f"known: {problem}"


def _outcome(chain: ChainResult) -> str:
    parts = [
        f"{len(chain.bad())} broken" if chain.bad() else "",
        "the models cannot be compared" if chain.models_error else "",
        "the models are ahead of the migrations" if chain.models else "",
    ]
    return ", ".join(filter(None, parts)) or "all sound"


def _twins(pair: TwinComparison) -> list[str]:
    return [
        f"### twins {' and '.join(pair.names)}: {'differ' if pair.problems else 'the same'}",
        "",
        *(
            f"- ❌ `{each.verdict.revision}` {_cell('; '.join(each.lines) or each.headline())}"
            for each in pair.problems
        ),
        *(
            f"- `{each.verdict.revision}` {_cell(each.reason)}: {_cell('; '.join(each.lines))}"
            for each in pair.exceptions
        ),
        "",
    ]


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", "<br>")
