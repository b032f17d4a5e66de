"""`invoke upgrade`, `downgrade`, `status` and `scratch`: what people do with live databases and servers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from upgrade import children, targets, workspace
from upgrade.change import Status
from upgrade.children import Fault
from upgrade.errors import INTERRUPTED, CannotRunError
from upgrade.report import Report

if TYPE_CHECKING:
    from pathlib import Path

    from upgrade.targets import Target


def upgrade(ini: Path, names: list[str], revision: str, *, create: bool) -> int:
    """Upgrade live databases, one after another; the first that fails is the last.

    Args:
        ini: the project's alembic.ini.
        names: targets; none means those of this installation.
        revision: up to this one.
        create: make a missing database on a server.

    Returns:
        The exit code.
    """
    _require_revision(revision, refused="base")
    return _move(_chosen(ini, names), "upgrade", {"revision": revision, "create": create})


def downgrade(ini: Path, names: list[str], revision: str, *, everything: bool, yes: bool) -> int:
    """Downgrade live databases after a question.

    Args:
        ini: the project's alembic.ini.
        names: targets.
        revision: down to this one.
        everything: the targets of this installation instead.
        yes: do not ask.

    Returns:
        The exit code.

    Raises:
        CannotRunError: no target is named, both ways name them, or nobody is there to answer.
    """
    if bool(names) == everything:
        raise CannotRunError("downgrade needs --db NAME, or --all for every database of this installation.")
    _require_revision(revision, refused="head")
    chosen = _chosen(ini, names)
    if len(chosen) > 1 and revision.startswith(("-", "+")):
        raise CannotRunError(
            f"{revision} is another change in each database. For several at once name the revision to go down to, "
            "for example  --revision 4b4dd5bb39b4  or  --revision base"
        )
    listed = ", ".join(target.name for target in chosen)
    if not yes and not _confirmed(
        f"Downgrade {listed} to {revision}? Data of the revisions taken back can be lost. [y/N] "
    ):
        Report().line("Nothing was changed.")
        return 1
    return _move(chosen, "downgrade", {"revision": revision})


def _require_revision(revision: str, refused: str) -> None:
    if not revision.strip() or revision == refused:
        given = revision.strip() or "without a value"
        raise CannotRunError(f"--revision {given} makes no sense here. A revision id is needed, or one such as +1.")


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise CannotRunError("downgrade asks before it runs, and nobody can answer here: --yes for scripts.")
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:  # Ctrl-D
        print()
        return False


def _chosen(ini: Path, names: list[str]) -> list[Target]:
    known = targets.load(ini)
    workspace.recover(ini.parent)
    if names:
        return targets.select(known, names)
    here = children.installation(ini)
    chosen = [target for target in known if target.name in here]
    if not chosen:
        raise CannotRunError("No target has the dialect that this installation's settings name. Choose with --db.")
    return chosen


def _move(chosen: list[Target], command: str, arguments: dict[str, Any]) -> int:
    report = Report()
    width = max(len(target.label) for target in chosen)
    left = list(chosen)
    code = 0

    def given(target: Target) -> dict[str, Any]:
        return {**arguments, "others": [other.section for other in chosen[chosen.index(target) + 1 :]]}

    def tell(_target: Target, text: str) -> None:
        report.line(f"    {text}")

    try:
        with report.working(chosen) as (_tell, done):
            for target, answer in children.run(chosen, command, given, tell, in_turn=True):
                done(target)
                left.remove(target)
                if isinstance(answer, Fault):
                    report.target("✗", target, width, answer.headline.removeprefix(f"{target.name}: "), answer.detail)
                    code = answer.code
                    break
                report.target("✓", target, width, _moved(answer))
    except KeyboardInterrupt:
        report.warn("Interrupted. Where each database is now: invoke status")
        return INTERRUPTED
    if code and left:
        report.warn(f"Not run after the failure: {', '.join(target.name for target in left)}")
    return code


def _moved(answer: dict[str, Any]) -> str:
    before, after = answer["from"] or "empty", answer["to"] or "empty"
    if not answer["steps"]:
        return f"{answer['where']} is at {after}, nothing to do"
    noun = "revision" if answer["steps"] == 1 else "revisions"
    return f"{answer['where']} went from {before} to {after}, {answer['steps']} {noun}"


def status(ini: Path, names: list[str], *, as_json: bool) -> int:
    """Show live databases at a glance.

    Args:
        ini: the project's alembic.ini.
        names: targets; none means all.
        as_json: print JSON.

    Returns:
        0, also where a database is not reachable or behind; 2 where a chain or the settings are broken.
    """
    known = targets.load(ini)
    workspace.recover(ini.parent)
    chosen = targets.select(known, names)
    report = Report()
    statuses: dict[str, Status] = {}
    code = 0
    with report.working(chosen) as (tell, done):
        for target, answer in children.run(chosen, "status", lambda _target: {}, tell):
            done(target)
            if isinstance(answer, Fault):
                note = answer.headline.removeprefix(f"{target.name}: ")
                statuses[target.name] = Status(target.name, "–", None, None, None, "–", note, reachable=False)
                code = 2
            else:
                statuses[target.name] = Status(**answer)
    report.statuses([statuses[target.name] for target in chosen], as_json=as_json)
    return code


def scratch(*, stop: bool) -> int:
    """Show or stop the servers that are kept warm for proofs.

    Returns:
        The exit code, 0.
    """
    from upgrade import servers

    report = Report()
    if stop:
        labels = servers.stop()
        report.line(f"Stopped: {', '.join(labels)}" if labels else "No server was running.")
        return 0
    running = servers.running()
    for server in running:
        report.line(f"{server.label}  127.0.0.1:{server.url.port}")
    if not running:
        report.line("No server is kept warm.")
    return 0
