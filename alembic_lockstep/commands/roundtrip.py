"""`invoke roundtrip`: the round trips of several targets, and whether twins agree."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import INTERRUPTED, CannotRunError, Fault
from alembic_lockstep.project import targets, workspace
from alembic_lockstep.reports.console import Report
from alembic_lockstep.roundtrip import data_cases, twins
from alembic_lockstep.roundtrip.results import ChainResult
from alembic_lockstep.roundtrip.summary import RoundTripResult
from alembic_lockstep.schema.twins import pairs
from alembic_lockstep.workers import pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.project.targets import Target


def run(
    chosen: list[Target],
    tell: Callable[[Target, str], None],
    done: Callable[[Target, ChainResult | Fault], None],
    revision: str = "",
) -> RoundTripResult:
    """Take the chains of targets up, down and up, those of different dialects side by side.

    Args:
        chosen: the targets.
        tell: called with how far one is, as `3/14`, and with what takes long.
        done: called with what was found when one is done.
        revision: this one alone; the beginning of an id will do.
    """
    trial = RoundTripResult()
    started = time.monotonic()
    arguments = {"revision": revision}
    for target, answer in pool.run(chosen, "roundtrip", lambda _target: arguments, tell):
        if isinstance(answer, Fault):
            trial.faults[target.name] = answer
        else:
            trial.trips[target.name] = ChainResult(**answer)
        done(target, trial.trips.get(target.name, answer))
    if not revision:
        for first, second in pairs([target.name for target in chosen]):
            if first in trial.trips and second in trial.trips:
                trial.twins.append(twins.compare((first, second), (trial.trips[first], trial.trips[second])))
    trial.seconds = time.monotonic() - started
    return trial


@contextmanager
def served_from(image: str) -> Iterator[None]:
    """Let every worker take its MySQL server from this image and from nowhere else, if one is given."""
    if not image:
        yield
        return
    from alembic_lockstep.servers import IMAGE

    before = os.environ.get(IMAGE)
    os.environ[IMAGE] = image
    try:
        yield
    finally:
        del os.environ[IMAGE]
        os.environ.update({IMAGE: before} if before else {})


def roundtrip(
    ini: Path, names: list[str], *, revision: str = "", server: str = "", html: str = "", as_json: bool = False
) -> int:
    """Prove revisions up, down and up again, with rows, and print what they are like.

    Args:
        ini: the project's alembic.ini.
        names: targets; none means all.
        revision: one revision alone, by the beginning of its id; empty for all.
        server: an image for Docker.
        html: the file of a page to write.
        as_json: print JSON.

    Returns:
        The exit code.

    Raises:
        CannotRunError: a name, the revision or the page's folder is wrong.
    """
    known = targets.load(ini)
    workspace.recover(ini.parent, workspace.folder_of(known))
    chosen = targets.select(known, names)
    page = Path(html) if html else None
    if page is not None and (page.is_dir() or not page.absolute().parent.is_dir()):
        what = "is a folder" if page.is_dir() else f"the folder {page.parent} does not exist"
        raise CannotRunError(f"--html {html}: {what}. The name of a file is needed.")
    if revision in {"head", "heads", "base", "current"} or revision.startswith(("-", "+")):
        raise CannotRunError(f"--revision {revision} is relative. A revision id is needed, or its beginning.")
    report = Report()
    try:
        with served_from(server), report.trips(chosen, quiet=as_json) as (tell, done):
            trial = run(chosen, tell, done, revision)
    except KeyboardInterrupt:
        report.warn("Interrupted. Scratch databases are removed.")
        return INTERRUPTED
    if revision and not trial.faults and not any(trip.verdicts for trip in trial.trips.values()):
        raise CannotRunError(f"No revision of {', '.join(trial.trips)} begins with {revision}.")
    if not revision and len(chosen) == len(known) and not trial.faults:
        trial.strays = data_cases.strays(ini.parent, {name for trip in trial.trips.values() for name in trip.cases})
    if page is not None:
        from alembic_lockstep.reports.html import write

        write(page, trial, chosen)
    if as_json:
        report.line(json.dumps(as_data(trial), indent=2, ensure_ascii=False))
    else:
        report.trial(trial)
        if page is not None:
            report.line(f"Page: {page}")
    return trial.exit_code()


def as_data(trial: RoundTripResult) -> dict[str, Any]:
    """Return a trial as JSON has it: without the schemas, and with what was lost, noted and declared."""
    data = asdict(trial)
    for trip in data["trips"].values():
        del trip["schemas"]
    return data
