"""The results of round trips as one self-contained HTML page: no script, nothing loaded, light and dark mode."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from alembic_lockstep.errors import CannotRunError, Location, counted
from alembic_lockstep.roundtrip.summary import unmatched

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.roundtrip.results import ChainResult, Problem, Verdict
    from alembic_lockstep.roundtrip.summary import RoundTripResult
    from alembic_lockstep.roundtrip.twins import TwinComparison, TwinDifference

PER_ROW = 14
"""Revisions in one row of the picture of a chain."""
STEP, RADIUS, ROW = 62, 11, 58
"""Pixels between two revisions of a row, of a circle's radius, and between two rows."""
SYMBOLS = {"bad": "✗", "lossy": "!", "well": "✓"}

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


def write(path: Path, result: RoundTripResult, targets: list[Target]) -> None:
    """Write the results of round trips as an HTML page.

    Args:
        path: the file.
        result: what the round trips have found.
        targets: the targets, in the order of the page.

    Raises:
        CannotRunError: the file cannot be written.
    """
    try:
        path.write_text(page(result, targets), encoding="utf-8")
    except OSError as error:
        raise CannotRunError(f"{path} cannot be written: {error.strerror}", kind="cannot-write") from error


def page(result: RoundTripResult, targets: list[Target]) -> str:
    """Return the page of round trips as HTML."""
    parts = [_target(target, result) for target in targets] + [_twins(pair) for pair in result.twins]
    remarks = [f"<p class=lossy>! {escape(line)}</p>" for line in result.known.remarks()]
    unused = [f"<p class=bad>✗ {escape(unmatched(name))}</p>" for name in result.unmatched_cases]
    return (
        "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        f"<title>Round trip: {escape(result.result())}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>Round trip</h1>\n<p class='sum {'bad' if result.exit_code() else 'well'}'>{escape(result.result())}</p>\n"
        "<p class=dim>Every revision up, down and up again, with rows in the tables: schema and rows must be as before."
        "</p>\n" + "\n".join([*parts, *remarks, *unused]) + "\n</body>\n</html>\n"
    )


def _target(target: Target, result: RoundTripResult) -> str:
    heading = f'<h2 id="{escape(target.name)}">{escape(target.label)}</h2>\n'
    fault = result.faults.get(target.name)
    if fault is not None:
        return heading + f"<p class=bad>✗ {escape(fault.headline)}</p>{_lines(fault.detail)}"
    chain = result.chains[target.name]
    if not chain.server:
        return heading + "<p class=dim>does not have that revision</p>"
    about = f"{target.name} on {chain.server}, {counted(len(chain.verdicts), 'revision')}, {chain.seconds:.1f} s"
    ahead = "".join(f"<p class=bad>✗ {escape(line)}</p>" for line in chain.ahead())
    revisions = "\n".join(_revision(target, verdict) for verdict in chain.verdicts)
    return heading + f"<p class=dim>{escape(about)}</p>\n" + _picture(target, chain) + ahead + revisions


def _id(target: Target, verdict: Verdict) -> str:
    """Return the id of a revision's details, as an attribute holds it."""
    return escape(f"{target.name}-{verdict.revision}")


def _class(verdict: Verdict) -> str:
    """Return the CSS class of a verdict."""
    return "bad" if verdict.is_bad else "lossy" if verdict.declared or verdict.problems else "well"


def _picture(target: Target, chain: ChainResult) -> str:
    """Draw a chain, a circle for each revision that links to its details; a long chain takes several rows."""
    if not chain.verdicts:
        return ""
    centres = [
        (STEP // 2 + number % PER_ROW * STEP, ROW // 2 + number // PER_ROW * ROW)
        for number in range(len(chain.verdicts))
    ]
    lines = [_line(*ends) for ends in pairwise(centres)]
    circles = [_circle(target, *each) for each in zip(chain.verdicts, centres, strict=True)]
    height = (len(centres) - 1) // PER_ROW * ROW + ROW + 6
    label = escape(
        f"the chain of {target.name}: {counted(len(centres), 'revision')}, {len(chain.bad())} of them broken"
    )
    drawing = "".join(lines + circles)
    return f'<svg viewBox="0 0 {PER_ROW * STEP} {height}" role=img aria-label="{label}">{drawing}</svg>\n'


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    """Draw the line between two revisions, which bends if it leads to the next row."""
    (x1, y1), (x2, y2) = start, end
    if y1 == y2:
        return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'
    return f'<path d="M{x1} {y1} h24 v{ROW // 2} H{x2 - 24} v{ROW // 2} h24"/>'


def _circle(target: Target, verdict: Verdict, centre: tuple[int, int]) -> str:
    """Draw a revision."""
    x, y = centre
    kind = _class(verdict)
    return (
        f'<a href="#{_id(target, verdict)}"><title>{escape(verdict.message)}: {escape(verdict.result)}</title>'
        f'<circle class="{kind}" cx="{x}" cy="{y}" r="{RADIUS}"/>'
        f'<text class=mark x="{x}" y="{y + 4}">{SYMBOLS[kind]}</text>'
        f'<text x="{x}" y="{y + RADIUS + 11}">{escape(verdict.revision[:6])}</text></a>'
    )


def _revision(target: Target, verdict: Verdict) -> str:
    """Return the details of a revision, which are open if it is broken."""
    result = f"<span class={_class(verdict)}>{escape(verdict.result)}</span>"
    return (
        f"<details{' open' if verdict.is_bad else ''}><summary><code>{escape(verdict.revision)}</code>"
        f"<span class=message>{escape(verdict.message)}</span>{result}"
        f'</summary><div class=inside id="{_id(target, verdict)}">{_details(verdict)}</div></details>'
    )


def _details(verdict: Verdict) -> str:
    times = ", ".join(
        f"{name} {1000 * seconds:.0f} ms" for name, seconds in zip(("up", "down", "up"), verdict.seconds, strict=False)
    )
    parts = [f"<p class='dim path'><code>{escape(verdict.path)}</code></p>"]
    if verdict.declared:
        parts.append(f"<p>{escape(verdict.result)}: {escape(verdict.declared)}</p>")
    parts += [_problem(problem, verdict) for problem in verdict.problems]
    if verdict.lost and verdict.declared:  # otherwise each of them is a problem
        parts.append(f"<h3>Lost</h3>{_lines(verdict.lost)}")
    if verdict.notes:
        parts.append(f"<h3>Worth knowing</h3>{_lines(verdict.notes)}")
    if verdict.changes:
        parts.append(f"<h3>What the upgrade does to the schema</h3>{_lines(verdict.changes, signed=True)}")
    rows = f"{counted(verdict.rows, 'row')} in {counted(verdict.tables, 'table')} before the upgrade. "
    parts.append(f"<p class=dim>{rows if verdict.tables else ''}{times}</p>")
    return "".join(parts)


def _problem(problem: Problem, verdict: Verdict) -> str:
    location = Location(verdict.path.rpartition("/")[2], problem.line)
    if problem.known is not None:
        return f"<p class=dim>known: {escape(str(problem))} ({escape(problem.known or 'no reason given')})</p>"
    return f"<p class=bad>✗ {escape(str(problem))} <code class=dim>{escape(str(location))}</code></p>"


def _lines(lines: Iterable[str], *, signed: bool = False) -> str:
    """Return lines as they are, coloured by their sign if they have one."""
    classes = {"+": "well", "-": "bad", "~": "lossy"} if signed else {}
    spans = (f"<span class='{classes.get(line[:1], '')}'>{escape(line)}</span>" for line in lines)
    return "<pre>" + "\n".join(spans) + "</pre>"


def _twins(pair: TwinComparison) -> str:
    outcome = "the same" + (", but for what is declared" if pair.exceptions else "")
    if pair.problems:
        outcome = "not the same"
    parts = [
        f"<h2>Twins {escape(' and '.join(pair.names))}</h2>",
        f"<p class={'bad' if pair.problems else 'well'}>{outcome}, compared at {counted(pair.compared, 'place')}</p>",
    ]
    parts += [_difference(each, "bad") for each in pair.problems]
    parts += [_difference(each, "lossy") for each in pair.exceptions]
    return "\n".join(parts)


def _difference(each: TwinDifference, kind: str) -> str:
    path = f"<p class='dim path'><code>{escape(each.verdict.path)}</code></p>"
    head = f"<code>{escape(each.verdict.revision)}</code> {escape(each.verdict.message)}: {escape(each.headline())}"
    return f"<p class={kind}>{head}</p>{_lines(each.lines)}{path}"
