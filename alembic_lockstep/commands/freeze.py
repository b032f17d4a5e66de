"""`invoke freeze`: a revision that takes tables from the models, written as the operations that it stood for."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alembic_lockstep.autogenerate.frozen import FrozenRevision
from alembic_lockstep.commands import project
from alembic_lockstep.errors import CannotRunError, Fault
from alembic_lockstep.project import commits, revision_file, targets
from alembic_lockstep.reports import freeze as reports
from alembic_lockstep.reports.console import Report
from alembic_lockstep.workers import pool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.project.targets import Target

TODAY = "."


@dataclass(slots=True)
class _Wanted:
    """A revision of a target that is to be frozen, and the commit whose models it stood for; `.` for today's."""

    target: Target
    revision: str
    path: Path
    commit: str


def freeze(ini: Path, names: list[str], revision: str, at: str, *, yes: bool) -> int:
    """Show what a revision is as operations, ask, and write it.

    Args:
        ini: the project's alembic.ini.
        names: targets; none means all that have the revision.
        revision: its id, or the beginning of it.
        at: the commit whose models it stood for; `.` for those of today, empty for the one that added its file.
        yes: do not ask.

    Returns:
        0 if it was written for every target; 1 if it cannot be, or the answer was no: then nothing was written.

    Raises:
        CannotRunError: no target has the revision, git does not know the commit, or nobody can answer.
    """
    if not revision:
        raise CannotRunError("freeze needs --revision ID.", kind="usage")
    if not yes and not (sys.stdin and sys.stdin.isatty()):  # it is None where it is closed
        raise CannotRunError(
            "freeze asks before it writes, and nobody can answer here. In scripts use --yes.", kind="usage"
        )
    report = Report()
    wanted = _wanted(targets.select(project.load(ini, report), names), revision, at)
    results = _results(wanted, report)
    faults = {name: result for name, result in results.items() if isinstance(result, Fault)}
    frozen = {name: result for name, result in results.items() if isinstance(result, FrozenRevision)}
    for each in wanted:
        if each.target.name in frozen:
            reports.change(report, each.target, each.path, frozen[each.target.name])
    if faults:
        reports.faults(report, [each.target for each in wanted], faults)
        return max(fault.exit_code for fault in faults.values())
    if not yes and not reports.confirmed(report):
        return 1
    for each in wanted:
        _write(each.path, frozen[each.target.name].text)
    reports.written(report, len(wanted))
    return 0


def _wanted(chosen: list[Target], revision: str, at: str) -> list[_Wanted]:
    """Return the revision of each target that has it, with the commit whose models it stood for."""
    wanted = []
    for target in chosen:
        target.require_folder()
        found = revision_file.find(target.versions, revision)
        if len(found) > 1:
            raise CannotRunError(f"{target.name}: several revisions begin with {revision}", kind="unknown-revision")
        wanted += [_Wanted(target, name, path, _commit(at, path, target.root)) for name, path in found.items()]
    if not wanted:
        names = ", ".join(target.name for target in chosen)
        raise CannotRunError(f"no revision {revision} in {names}", kind="unknown-revision")
    return wanted


def _commit(at: str, path: Path, root: Path) -> str:
    return at if at == TODAY else commits.resolved(at or commits.commit_that_added(path, root), root)


def _results(wanted: list[_Wanted], report: Report) -> dict[str, FrozenRevision | Fault]:
    """Have the revision of each target written as operations, with the application of its commit."""
    results: dict[str, FrozenRevision | Fault] = {}
    with report.working([each.target for each in wanted]) as (notify, done):
        for commit in dict.fromkeys(each.commit for each in wanted):
            of_commit = {each.target.name: each for each in wanted if each.commit == commit}
            with _application(commit, [each.target for each in of_commit.values()]) as chosen:

                def arguments(target: Target, of: dict[str, _Wanted] = of_commit) -> dict[str, object]:
                    each = of[target.name]
                    return {
                        "revision_id": each.revision,
                        "path": str(each.path),
                        "application": "today" if each.commit == TODAY else each.commit[:12],
                    }

                for target, answer in pool.run(chosen, "freeze", arguments, notify):
                    done(of_commit[target.name].target)
                    results[target.name] = answer if isinstance(answer, Fault) else FrozenRevision(**answer)
    return results


@contextmanager
def _application(commit: str, chosen: list[Target]) -> Iterator[list[Target]]:
    """Provide targets whose models are those of a commit."""
    names = {target.name for target in chosen}
    with nullcontext(chosen[0].ini) if commit == TODAY else commits.exported(commit, chosen) as ini:
        yield [target for target in targets.load(ini) if target.name in names]


def _write(path: Path, text: str) -> None:
    """Replace a file at once, so that a command that is killed leaves the old one or the new one."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8", newline="\n")
        new.chmod(path.stat().st_mode & 0o777)
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise CannotRunError(f"{path} cannot be written: {error.strerror}", kind="cannot-write") from error
