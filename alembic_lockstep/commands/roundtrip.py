"""`invoke roundtrip`: the round trips of several targets, and the comparison of twins."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.commands import project
from alembic_lockstep.errors import INTERRUPTED, CannotRunError, Fault
from alembic_lockstep.project import data_cases, targets
from alembic_lockstep.reports import json
from alembic_lockstep.reports import roundtrip as reports
from alembic_lockstep.reports.console import Report
from alembic_lockstep.roundtrip import known_findings, twins
from alembic_lockstep.roundtrip.known_findings import KnownFindings
from alembic_lockstep.roundtrip.results import ChainResult
from alembic_lockstep.roundtrip.summary import RoundTripResult
from alembic_lockstep.workers import pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.progress import Notice, Progress
    from alembic_lockstep.project.targets import Target


def run(
    chosen: list[Target],
    notify: Callable[[Target, Progress | Notice], None],
    done: Callable[[Target, ChainResult | Fault], None],
    revision: str = "",
    known: KnownFindings | None = None,
) -> RoundTripResult:
    """Run the round trips of targets, those of different dialects side by side.

    Args:
        chosen: the targets.
        notify: called with how far a target is, and with what takes long.
        done: called with the result of a target.
        revision: test this one only; the beginning of an id is enough.
        known: the findings that are accepted; None for none.
    """
    result = RoundTripResult(known=known or KnownFindings())
    started = time.monotonic()
    arguments = {"revision": revision}
    for target, answer in pool.run(chosen, "roundtrip", lambda _target: arguments, notify):
        if isinstance(answer, Fault):
            result.faults[target.name] = answer
        else:
            result.chains[target.name] = ChainResult(**answer)
            result.known.mark_all(target.name, result.chains[target.name])
        done(target, result.chains.get(target.name, answer))
    if not revision:
        for one, other in targets.pairs(chosen):
            if one.name in result.chains and other.name in result.chains:
                chains = result.chains[one.name], result.chains[other.name]
                result.twins.append(twins.compare((one.name, other.name), chains))
    result.seconds = time.monotonic() - started
    return result


@contextmanager
def server_image(image: str) -> Iterator[None]:
    """Make all workers use a server of this image and no other; an empty image changes nothing.

    An environment variable passes it on, since the workers inherit the environment.
    """
    if not image:
        yield
        return
    from alembic_lockstep.servers.settings import IMAGE

    before = os.environ.get(IMAGE)
    os.environ[IMAGE] = image
    try:
        yield
    finally:
        del os.environ[IMAGE]
        os.environ.update({IMAGE: before} if before else {})


def roundtrip(
    ini: Path,
    names: list[str],
    *,
    revision: str = "",
    server: str = "",
    html: str = "",
    as_json: bool = False,
    accept_known: bool = False,
) -> int:
    """Run revisions up, down and up again, with rows, and print the results.

    Args:
        ini: the project's alembic.ini.
        names: targets; none means all.
        revision: test one revision only, by the beginning of its id; empty for all.
        server: an image for Docker.
        html: the file of a page to write.
        as_json: print JSON.
        accept_known: write what is found into the file of known findings.

    Returns:
        The exit code.

    Raises:
        CannotRunError: a name, the revision, the folder of the page or the file of known findings is wrong.
    """
    report = Report()
    known = project.load(ini, report)
    chosen, page = targets.select(known, names), _checked_page(html)
    _require_id(revision)
    with server_image(server):
        result = _run(report, known, chosen, revision, quiet=as_json)
    if result is None:
        return INTERRUPTED
    _require_found(result, revision)
    if accept_known:
        result.known.accept(result.chains)
    if not as_json and not revision:
        reports.not_compared(report, _apart(known, chosen))
    _print(report, result, chosen, page, as_json=as_json)
    return result.exit_code()


def _run(
    report: Report, known: list[Target], chosen: list[Target], revision: str, *, quiet: bool
) -> RoundTripResult | None:
    """Run the round trips of chosen targets among all known ones; return None after Ctrl-C."""
    findings = known_findings.load(known)
    try:
        with reports.progress(report, chosen, findings, quiet=quiet) as (notify, done):
            result = run(chosen, notify, done, revision, findings)
    except KeyboardInterrupt:
        report.warn("Interrupted. Scratch databases are removed.")
        return None
    if not revision and len(chosen) == len(known) and not result.faults:
        used = {name for chain in result.chains.values() for name in chain.cases}
        result.unmatched_cases = data_cases.unmatched(known[0].root, used)
    return result


def _apart(known: list[Target], chosen: list[Target]) -> list[tuple[str, str]]:
    """Return the twins of which only one was chosen."""
    return [(one.name, other.name) for one, other in targets.pairs(known) if (one in chosen) != (other in chosen)]


def _checked_page(html: str) -> Path | None:
    page = Path(html) if html else None
    if page is not None and (page.is_dir() or not page.absolute().parent.is_dir()):
        what = "is a folder" if page.is_dir() else f"the folder {page.parent} does not exist"
        raise CannotRunError(f"--html {html}: {what}. The name of a file is needed.", kind="usage")
    return page


def _require_id(revision: str) -> None:
    if revision in {"head", "heads", "base", "current"} or revision.startswith(("-", "+")):
        raise CannotRunError(
            f"--revision {revision} is relative. Give a revision id or a unique prefix of one.", kind="usage"
        )


def _require_found(result: RoundTripResult, revision: str) -> None:
    """Raise CannotRunError if no chain has the one revision."""
    if revision and not result.faults and not any(chain.verdicts for chain in result.chains.values()):
        raise CannotRunError(
            f"No revision of {', '.join(result.chains)} begins with {revision}.", kind="unknown-revision"
        )


def _print(report: Report, result: RoundTripResult, chosen: list[Target], page: Path | None, *, as_json: bool) -> None:
    if page is not None:
        from alembic_lockstep.reports import html

        html.write(page, result, chosen)
    if as_json:
        report.line(json.round_trips(result))
        return
    reports.summary(report, result)
    if page is not None:
        report.line(f"Page: {page}")
