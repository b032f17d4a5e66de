"""A trial as one self-contained page: no script, nothing loaded from elsewhere, light and dark."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.roundtrip.results import BAD

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.roundtrip.results import ChainResult, Problem, Verdict
    from alembic_lockstep.roundtrip.summary import RoundTripResult
    from alembic_lockstep.roundtrip.twins import TwinComparison, TwinDifference

PER_ROW = 14
"""Revisions in a row of the picture."""
STEP, RADIUS, ROW = 62, 11, 58

STYLE = """
:root { color-scheme: light dark; --line: #d0d7de; --dim: #59636e; --well: #1a7f37; --lossy: #9a6700; --bad: #cf222e;
  --paper: #ffffff; --panel: #f6f8fa; --ink: #1f2328; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --dim: #9198a1; --well: #3fb950; --lossy: #d29922;
  --bad: #f85149; --paper: #0d1117; --panel: #151b23; --ink: #f0f6fc; } }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { margin: .3rem 0; } code, pre { font: 13px/1.5 ui-monospace, monospace; } .dim { color: var(--dim); }
.sum { font-size: 1.05rem; } .well { color: var(--well); } .lossy { color: var(--lossy); } .bad { color: var(--bad); }
svg { display: block; width: 100%; height: auto; margin: .6rem 0; }
.inside { scroll-margin-top: 4rem; }
svg line, svg path { stroke: var(--line); stroke-width: 2; fill: none; }
svg text { font: 10px ui-monospace, monospace; fill: var(--dim); text-anchor: middle; }
svg circle { stroke: var(--paper); stroke-width: 2; } svg a:hover circle, svg a:focus circle { stroke: var(--ink); }
svg .well { fill: var(--well); } svg .lossy { fill: var(--lossy); } svg .bad { fill: var(--bad); }
svg .mark { fill: var(--paper); font-size: 12px; font-weight: bold; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; overflow: hidden; }
details:has(:target) { border-color: var(--ink); }
summary { cursor: pointer; padding: .45rem .7rem; background: var(--panel); display: flex; gap: .2rem 1rem;
  flex-wrap: wrap; align-items: baseline; }
summary .message { flex: 1 1 18rem; overflow-wrap: anywhere; } .inside { padding: .4rem .7rem .7rem; }
pre { margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; } h3 { font-size: .9rem; margin: .7rem 0 0; }
.path { overflow-wrap: anywhere; }
"""


def write(path: Path, trial: RoundTripResult, targets: list[Target]) -> None:
    """Write the page of a trial.

    Raises:
        CannotRunError: the file cannot be written.
    """
    try:
        path.write_text(page(trial, targets), encoding="utf-8")
    except OSError as error:
        raise CannotRunError(f"{path} cannot be written: {error.strerror}") from error


def page(trial: RoundTripResult, targets: list[Target]) -> str:
    """Return the page of a trial as HTML."""
    parts = [_target(target, trial) for target in targets] + [_twins(pair) for pair in trial.twins]
    strays = [f"<p class=bad>✗ {escape(name)} belongs to no revision</p>" for name in trial.strays]
    return (
        "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        f"<title>Round trip: {escape(trial.result())}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>Round trip</h1>\n<p class='sum {'bad' if trial.exit_code() else 'well'}'>{escape(trial.result())}</p>\n"
        "<p class=dim>Every revision up, down and up again, with rows in the tables: schema and rows must be as before."
        "</p>\n" + "\n".join([*parts, *strays]) + "\n</body>\n</html>\n"
    )


def _target(target: Target, trial: RoundTripResult) -> str:
    heading = f"<h2 id={target.name}>{escape(target.label)}</h2>\n"
    if target.name in trial.faults:
        fault = trial.faults[target.name]
        return heading + f"<p class=bad>✗ {escape(fault.headline)}</p>{_lines(fault.detail)}"
    trip = trial.trips[target.name]
    if not trip.server:
        return heading + "<p class=dim>does not have that revision</p>"
    seconds = sum(sum(verdict.seconds) for verdict in trip.verdicts)
    count = f"{len(trip.verdicts)} {'revision' if len(trip.verdicts) == 1 else 'revisions'}"
    about = f"<p class=dim>{target.name} on {escape(trip.server)}, {count}, {seconds:.1f} s</p>\n"
    ahead = "".join(
        f"<p class=bad>✗ the models have what the chain has not: {escape(line)}</p>" for line in trip.models
    )
    revisions = "\n".join(_revision(target, verdict) for verdict in trip.verdicts)
    return heading + about + _picture(target, trip) + ahead + revisions


def _class(verdict: Verdict) -> str:
    return "bad" if verdict.status in BAD else "lossy" if verdict.declared else "well"


def _picture(target: Target, trip: ChainResult) -> str:
    """Draw the chain, some revisions a row; each leads to what is told of it."""
    if not trip.verdicts:
        return ""
    places = [
        (STEP // 2 + number % PER_ROW * STEP, ROW // 2 + number // PER_ROW * ROW)
        for number in range(len(trip.verdicts))
    ]
    lines = [
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'
        if y1 == y2
        else f'<path d="M{x1} {y1} h24 v{ROW // 2} H{x2 - 24} v{ROW // 2} h24"/>'
        for (x1, y1), (x2, y2) in pairwise(places)
    ]
    nodes = [
        f'<a href="#{target.name}-{verdict.revision}"><title>{escape(verdict.message)}: {verdict.result}</title>'
        f'<circle class="{_class(verdict)}" cx="{x}" cy="{y}" r="{RADIUS}"/>'
        f'<text class=mark x="{x}" y="{y + 4}">{ {"bad": "✗", "lossy": "!", "well": "✓"}[_class(verdict)] }</text>'
        f'<text x="{x}" y="{y + RADIUS + 11}">{verdict.revision[:6]}</text></a>'
        for verdict, (x, y) in zip(trip.verdicts, places, strict=True)
    ]
    height = (len(places) - 1) // PER_ROW * ROW + ROW + 6
    label = f"the chain of {target.name}: {len(trip.verdicts)} revisions, {len(trip.bad())} of them broken"
    return (
        f'<svg viewBox="0 0 {PER_ROW * STEP} {height}" role=img aria-label="{label}">{"".join(lines + nodes)}</svg>\n'
    )


def _revision(target: Target, verdict: Verdict) -> str:
    bad = verdict.status in BAD
    times = ", ".join(
        f"{name} {1000 * of:.0f} ms" for name, of in zip(("up", "down", "up"), verdict.seconds, strict=False)
    )
    inside = [f"<p class='dim path'><code>{escape(verdict.path)}</code></p>"]
    inside += [f"<p>{escape(verdict.result)}: {escape(verdict.declared)}</p>"] if verdict.declared else []
    inside += [_problem(problem, verdict) for problem in verdict.problems]
    inside += [f"<h3>Lost</h3>{_lines(verdict.lost)}"] if verdict.lost else []
    inside += [f"<h3>Worth knowing</h3>{_lines(verdict.notes)}"] if verdict.notes else []
    inside += (
        [f"<h3>What the upgrade does to the schema</h3>{_lines(verdict.changes, signed=True)}"]
        if verdict.changes
        else []
    )
    inside += [f"<p class=dim>{verdict.rows} rows in {verdict.tables} tables were there before. {times}</p>"]
    result = f"<span class={_class(verdict)}>{escape(verdict.result)}</span>"
    return (
        f"<details{' open' if bad else ''}><summary><code>{verdict.revision}</code>"
        f"<span class=message>{escape(verdict.message)}</span>{result}"
        f"</summary><div class=inside id={target.name}-{verdict.revision}>{''.join(inside)}</div></details>"
    )


def _problem(problem: Problem, verdict: Verdict) -> str:
    name = verdict.path.rpartition("/")[2]
    return f"<p class=bad>✗ {escape(str(problem))} <code class=dim>{escape(name)}:{problem.line}</code></p>"


def _lines(lines: Iterable[str], *, signed: bool = False) -> str:
    classes = {"+": "well", "-": "bad", "~": "lossy"} if signed else {}
    return (
        "<pre>"
        + "\n".join(f"<span class='{classes.get(line[:1], '')}'>{escape(line)}</span>" for line in lines)
        + "</pre>"
    )


def _twins(pair: TwinComparison) -> str:
    said = "not the same" if pair.problems else "the same" + (", but for what is declared" if pair.exceptions else "")
    count = f"{pair.compared} {'place' if pair.compared == 1 else 'places'}"
    parts = [
        f"<h2>TwinComparison {' and '.join(pair.names)}</h2>",
        f"<p class={'bad' if pair.problems else 'well'}>{said}, compared at {count}</p>",
    ]
    parts += [
        _disagreement(each, "bad", "differs without a reason" if each.lines else "has no need of a reason")
        for each in pair.problems
    ]
    parts += [_disagreement(each, "lossy", each.reason) for each in pair.exceptions]
    return "\n".join(parts)


def _disagreement(each: TwinDifference, kind: str, text: str) -> str:
    path = f"<p class='dim path'><code>{escape(each.verdict.path)}</code></p>"
    head = f"<code>{each.verdict.revision}</code> {escape(each.verdict.message)}: {escape(text)}"
    return f"<p class={kind}>{head}</p>{_lines(each.lines)}{path}"
