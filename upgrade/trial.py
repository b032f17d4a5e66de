"""`invoke roundtrip`: the round trips of several targets, and whether twins agree."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upgrade import cases, children, targets, twins, workspace
from upgrade.children import Fault
from upgrade.errors import INTERRUPTED, CannotRunError
from upgrade.report import Report
from upgrade.verdict import BAD, Trip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from upgrade.targets import Target
    from upgrade.twins import Twins


@dataclass(slots=True)
class Trial:
    """What round trips have found.

    Attributes:
        trips: by target.
        faults: why a target has none.
        twins: the comparisons.
        strays: data cases that belong to no revision.
        seconds: how long it took.
    """

    trips: dict[str, Trip] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    twins: list[Twins] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def broken(self) -> int:
        """Return how many things are wrong that are no faults."""
        trips = sum(len(trip.bad()) + bool(trip.models) for trip in self.trips.values())
        return trips + sum(len(pair.problems) for pair in self.twins) + len(self.strays)

    def result(self) -> str:
        """Return the result of all in one line."""
        verdicts = [verdict for trip in self.trips.values() for verdict in trip.verdicts]
        bad = sum(verdict.status in BAD for verdict in verdicts)
        count = (
            f"{bad} of {len(verdicts)} revisions broken"
            if bad
            else f"{len(verdicts)} of {len(verdicts)} revisions sound"
        )
        declared = sum(bool(verdict.declared) and verdict.status not in BAD for verdict in verdicts)
        others = self.broken() - bad
        parts = [
            count if verdicts else "",
            f"{declared} declared lossy or irreversible" if declared else "",
            f"{others} other {'fault' if others == 1 else 'faults'}" if others else "",
            f"not tried: {', '.join(self.faults)}" if self.faults else "",
        ]
        return ", ".join(part for part in parts if part) or "no revisions"

    def exit_code(self) -> int:
        """Return 0 if all is well, 1 if something is wrong, 2 if a target could not be tried."""
        return max([1 if self.broken() else 0, *(fault.code for fault in self.faults.values())])


def run(
    chosen: list[Target],
    tell: Callable[[Target, str], None],
    done: Callable[[Target, Trip | Fault], None],
    revision: str = "",
) -> Trial:
    """Take the chains of targets up, down and up, those of different dialects side by side.

    Args:
        chosen: the targets.
        tell: called with how far one is, as `3/14`, and with what takes long.
        done: called with what was found when one is done.
        revision: this one alone; the beginning of an id will do.
    """
    trial = Trial()
    started = time.monotonic()
    arguments = {"revision": revision}
    for target, answer in children.run(chosen, "roundtrip", lambda _target: arguments, tell):
        if isinstance(answer, Fault):
            trial.faults[target.name] = answer
        else:
            trial.trips[target.name] = Trip(**answer)
        done(target, trial.trips.get(target.name, answer))
    if not revision:
        for first, second in twins.pairs([target.name for target in chosen]):
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
    from upgrade.servers import IMAGE

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
    workspace.recover(ini.parent)
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
        trial.strays = cases.strays(ini.parent, {name for trip in trial.trips.values() for name in trip.cases})
    if page is not None:
        from upgrade.page import write

        write(page, trial, chosen)
    if as_json:
        report.line(json.dumps(as_data(trial), indent=2, ensure_ascii=False))
    else:
        report.trial(trial)
        if page is not None:
            report.line(f"Page: {page}")
    return trial.exit_code()


def as_data(trial: Trial) -> dict[str, Any]:
    """Return a trial as JSON has it: without the schemas, and with what was lost, noted and declared."""
    data = asdict(trial)
    for trip in data["trips"].values():
        del trip["schemas"]
    return data
