"""What GitHub shows of a trial: annotations at the files of a pull request, and a summary of the job."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.roundtrip.summary import RoundTripResult


def errors(trial: RoundTripResult) -> Iterator[str]:
    """Give the lines that GitHub takes from a job's output for annotations.

    The format is that of GitHub's docs, "Workflow commands", error messages.
    """
    for name, fault in trial.faults.items():
        yield f"::error title={_property(name)}::{_data(fault.headline)}"
    for name in trial.strays:
        yield f"::error title=data case::{_data(name)} belongs to no revision"
    for name, trip in trial.trips.items():
        for line in trip.models:
            yield f"::error title={_property(name)}::{_data(f'the models have what the chain has not: {line}')}"
        for verdict in trip.verdicts:
            for problem in verdict.problems:
                yield _error(verdict.path, problem.line, f"{name} on {trip.server}", str(problem))
    for pair in trial.twins:
        for each in pair.problems:
            text = "\n".join(each.lines) or f"declares twins without a difference: {each.reason}"
            yield _error(each.verdict.path, 1, f"twins {' and '.join(pair.names)}", text)


def _error(path: str, line: int, title: str, text: str) -> str:
    return f"::error file={_property(path)},line={line},title={_property(title)}::{_data(text)}"


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def summary(trial: RoundTripResult) -> str:
    """Return the Markdown for GITHUB_STEP_SUMMARY."""
    lines = []
    for name, fault in trial.faults.items():
        lines += [f"### {name}: not tried", "", _cell(fault.headline), ""]
    for name, trip in trial.trips.items():
        bad = len(trip.bad())
        lines += [f"### {name} on {trip.server}: {f'{bad} broken' if bad else 'all sound'}", ""]
        lines += ["| revision | message | verdict | ms | |", "|---|---|---|--:|---|"]
        for verdict in trip.verdicts:
            found = "<br>".join(_cell(str(problem)) for problem in verdict.problems) or _cell(verdict.declared)
            took = f"{1000 * sum(verdict.seconds):.0f}"
            mark = "❌ " if verdict in trip.bad() else ""
            lines.append(
                f"| `{verdict.revision}` | {_cell(verdict.message)} | {mark}{verdict.result} | {took} | {found} |"
            )
        lines += ["", *(f"- ❌ the models have what the chain has not: {_cell(line)}" for line in trip.models), ""]
    for pair in trial.twins:
        lines += [f"### twins {' and '.join(pair.names)}: {'differ' if pair.problems else 'the same'}", ""]
        lines += [
            f"- ❌ `{each.verdict.revision}` {_cell('; '.join(each.lines) or each.reason)}" for each in pair.problems
        ]
        lines += [
            f"- `{each.verdict.revision}` {_cell(each.reason)}: {_cell('; '.join(each.lines))}"
            for each in pair.exceptions
        ]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", "<br>")
