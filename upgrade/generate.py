"""Generate the script of one target, in a process that has the target's DB_TYPE."""

from __future__ import annotations

import ast
import linecache
import re
import subprocess
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.autogenerate.api import RevisionContext
from alembic.runtime.migration import MigrationContext

from upgrade import chain, dialects, directives, drops, models, proof, renames, replay
from upgrade.change import Order, Outcome, Rename
from upgrade.errors import CannotRunError, FailedError, shown
from upgrade.options import options
from upgrade.servers.errors import NoServerError
from upgrade.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sqlalchemy as sa
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from upgrade.targets import Target


def generate(target: Target, order: Order, tell: Callable[[str], None]) -> Outcome:
    """Stage the script that brings the chain to the models, and prove it.

    Args:
        target: the target.
        order: what to generate.
        tell: called with what takes long.

    Raises:
        CannotRunError: chain, models or environment do not allow it.
        FailedError: the proof failed.
    """
    script = chain.load(target)
    if not order.auto:
        revision = RevisionContext(*_arguments(target, order, script))
        staged = _stage(revision, target, order)
        return Outcome("written", staged=staged, summary=["empty and not proven: fill in upgrade and downgrade"])
    metadata = models.load(target)
    settings = options(target, metadata)
    notes: list[str] = []
    with _head_state(script, target, settings, Path(order.folder), tell, notes) as connection:
        renamed = renames.apply([Rename.parse(text) for text in order.renames], connection, metadata, settings)
        dialects.get(target.dialect).begin_rendering(connection)
        revision = RevisionContext(*_arguments(target, order, script))
        hooks = renames.hook(renamed, settings["process_revision_directives"])
        context = MigrationContext.configure(connection, opts={**settings, "process_revision_directives": hooks})
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            revision.run_autogenerate("heads", context)
        notes += [f"! {text}" for text in _texts(warned)]
        state = None if renamed else connection
        return _outcome(
            revision, target, order, metadata, [str(rename) for rename, _, _ in renamed], notes, tell, state
        )


def _texts(warned: list[warnings.WarningMessage]) -> list[str]:
    """Return what Alembic warns of, but for circles of foreign keys, which are broken, and what is for developers."""
    told = [warning for warning in warned if not issubclass(warning.category, DeprecationWarning)]
    texts = [" ".join(str(warning.message).split()) for warning in told]
    return [text for text in dict.fromkeys(texts) if "unresolvable cycles" not in text]


def _outcome(
    revision: RevisionContext,
    target: Target,
    order: Order,
    metadata: sa.MetaData,
    renamed: list[str],
    notes: list[str],
    tell: Callable[[str], None],
    state: sa.Connection | None,
) -> Outcome:
    """Stage what was found, and prove it."""
    upgrade = revision.generated_revisions[0].upgrade_ops
    if upgrade is None or upgrade.is_empty():
        return Outcome("unchanged")
    summary = [*directives.describe(upgrade), *directives.cautions(upgrade), *notes]
    outcome = Outcome("written", summary=summary, losses=drops.losses(upgrade))
    outcome.renamed = renamed
    if outcome.losses and not order.allow_drop:
        outcome.status = "refused"
        return outcome
    template: dict[str, Any] = revision.template_args
    template["lossy"] = drops.lossy(upgrade)
    outcome.staged = _stage(revision, target, order)
    try:
        outcome.proven_on, with_rows = proof.prove(target, metadata, Path(order.folder), tell, state)
        outcome.summary += _unsaid(with_rows, outcome.summary)
    except NoServerError as error:
        if order.require_proof:
            raise FailedError(f"not proven: {error}") from error
        outcome.not_proven = str(error)
    except FailedError as error:
        raise _in_place(error, target, Path(outcome.staged)) from error
    return outcome


def _unsaid(with_rows: list[str], said: list[str]) -> list[str]:
    """Return what rows have shown, but for columns that a caution names already."""
    named = [word for line in said if line.startswith("! ") for word in re.findall(r"^! \w+\.(\w+)", line)]
    return [f"! with rows, {line}" for line in with_rows if not any(re.search(rf"\b{name}\b", line) for name in named)]


def _in_place(error: FailedError, target: Target, staged: Path) -> FailedError:
    """Tell of a staged script by the name that it would have had, with the line that is to blame."""
    final = shown(target.versions / staged.name, target.root)
    headline = error.headline.replace(shown(staged, target.root), f"{final} (not written)")
    number = re.search(rf"{re.escape(shown(staged, target.root))}:(\d+)", error.headline)
    line = [f"at: {linecache.getline(str(staged), int(number.group(1))).strip()}"] if number else []
    headline = re.sub(r" \(not written\):(\d+)", r":\1, not written", headline)
    return FailedError(headline, *line, *error.detail)


@contextmanager
def _head_state(
    script: ScriptDirectory,
    target: Target,
    settings: dict[str, Any],
    folder: Path,
    tell: Callable[[str], None],
    notes: list[str],
) -> Iterator[sa.Connection]:
    """Give a connection to the state at the head: in memory, or where that is impossible to a scratch database."""
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(replay.replayed(script, target, settings))
        except replay.CannotReplayError as obstacle:
            connection = _on_scratch(obstacle, stack, script, target, settings, folder, tell, notes)
        yield connection


def _on_scratch(
    obstacle: replay.CannotReplayError,
    stack: ExitStack,
    script: ScriptDirectory,
    target: Target,
    settings: dict[str, Any],
    folder: Path,
    tell: Callable[[str], None],
    notes: list[str],
) -> sa.Connection:
    try:
        scratch = stack.enter_context(dialects.get(target.dialect).scratch(target.name, folder, tell))
    except NoServerError as error:
        if isinstance(obstacle, replay.RefusedError):
            raise CannotRunError(*obstacle.args) from obstacle
        raise CannotRunError(
            f"{obstacle}: that needs a server to replay the chain on, and there is none: {error}"
        ) from obstacle
    notes.append(f"{obstacle.args[0]}: replayed on a scratch database instead")
    tell(notes[-1])
    connection = stack.enter_context(scratch.engine.connect())
    walk = Walk(script, connection, target, settings)
    walk.prepare()
    walk.upgrade()
    return connection


def _arguments(target: Target, order: Order, script: ScriptDirectory) -> tuple[Config, ScriptDirectory, dict[str, Any]]:
    """Return what RevisionContext takes; the script goes to the staging folder, not to the chain's."""
    script.version_locations = [str(target.versions), order.folder]
    script.__dict__.pop("_version_locations", None)  # Alembic keeps the list that it was loaded with
    script.messaging_opts = {"quiet": True}
    command = {
        "message": order.message,
        "rev_id": order.revision,
        "version_path": order.folder,
        "head": "head",
        "splice": False,
        "branch_label": None,
        "depends_on": None,
        "sql": False,
    }
    return chain.config(target), script, command


def _stage(revision: RevisionContext, target: Target, order: Order) -> str:
    """Write the script into the staging folder and return its path."""
    try:
        for _script in revision.generate_scripts():
            pass
        return _format(target, order)
    except OSError as error:
        folder = shown(Path(order.folder), target.root)
        raise CannotRunError(f"cannot write into {folder}: {error.strerror}") from error


def _format(target: Target, order: Order) -> str:
    """Format the staged script as the project's own ruff settings say, and see that it is Python.

    Returns:
        The path of the staged script.
    """
    path = next(Path(order.folder).glob("*.py"))
    try:
        from ruff import find_ruff_bin  # type: ignore[import-untyped]
    except ImportError as error:
        raise CannotRunError("ruff is not installed: pip install -r requirements-dev.txt") from error
    source = path.read_text(encoding="utf-8")
    final = str(target.versions / path.name)
    for arguments in (["check", "--fix", "--exit-zero", "--quiet", "--select=I,F401"], ["format", "--quiet"]):
        command = [find_ruff_bin(), *arguments, "--no-cache", "--stdin-filename", final, "-"]
        done = subprocess.run(command, input=source, capture_output=True, text=True, encoding="utf-8", check=False)
        if done.returncode:
            raise FailedError(f"the script cannot be formatted: {done.stderr.strip()[:500]}")
        source = done.stdout
    ast.parse(source, filename=shown(Path(final), target.root))
    path.write_text(source, encoding="utf-8", newline="\n")
    return str(path)
