"""A staged script, generated or edited by hand: run it on scratch databases, and note what that has shown."""

from __future__ import annotations

import linecache
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate import proof
from alembic_lockstep.errors import FailedError, NeedsServerError, NoServerError, first_line, shown
from alembic_lockstep.execution.failures import failure
from alembic_lockstep.execution.runner import ChainRunner, RevisionFailedError
from alembic_lockstep.project import chain
from alembic_lockstep.schema.neutral import neutral
from alembic_lockstep.schema.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alembic_lockstep.autogenerate.change import GenerationRequest, GenerationResult
    from alembic_lockstep.autogenerate.proof import Proof
    from alembic_lockstep.comparison.words import Caution
    from alembic_lockstep.dialects.base import Dialect
    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.schema.neutral import NeutralSchema

_DRIVER_ERROR = re.compile(r"""\((\d+), (['"])(.*)\2\)""")
"""The arguments of a driver's exception as Python writes them: the number, and what the server says."""


class StagedScript:
    """The script in the staging folder of a target.

    Args:
        target: whose chain it continues.
        request: its id and the staging folder.
        metadata: the models that it should lead to.
        settings: the options with which it runs.
        notify: called with what takes long.
    """

    def __init__(
        self,
        target: Target,
        request: GenerationRequest,
        metadata: sa.MetaData,
        settings: dict[str, Any],
        notify: Reporter,
    ) -> None:
        self._target, self._request, self._notify = target, request, notify
        self._metadata, self._settings = metadata, settings

    @property
    def path(self) -> Path:
        """Where it is."""
        return next(Path(self._request.folder).glob("*.py"))

    def prove(
        self,
        result: GenerationResult,
        state: sa.Connection | None,
        cautions: Sequence[Caution] = (),
        *,
        is_generated: bool = True,
    ) -> Proof | None:
        """Prove the script, and note in the result what that has shown.

        Args:
            result: of its target; changed in place.
            state: a database at the head of the chain.
            cautions: what the summary says already.
            is_generated: whether nobody has edited it.

        Returns:
            None if there is no server for a proof, and none is required.

        Raises:
            FailedError: the proof failed, or there is none and it is required.
        """
        try:
            proven = proof.prove(
                self._target, self._metadata, self._request, self._notify, state, is_generated=is_generated
            )
        except NoServerError as error:
            if self._request.require_proof:
                raise FailedError(f"not proven: {error}", kind="not-proven") from error
            result.not_proven = str(error)
            return None
        except RevisionFailedError as error:
            raise self._with_line(error) from error
        result.proven_on = f"{proven.server}, with empty tables only" if proven.row_problems else proven.server
        new = [line for line in proven.row_problems if not any(_is_about(line, caution) for caution in cautions)]
        result.summary += [f"! with rows, {_DRIVER_ERROR.sub(_said, line)}" for line in new]
        return proven

    def _with_line(self, error: RevisionFailedError) -> FailedError:
        """Return the failure of the script with the text of the line that failed."""
        line = error.location.line
        if line is None or error.location.path != shown(self.path, self._target.root):
            return error
        text = linecache.getline(str(self.path), line).strip()
        return FailedError(error.headline, f"at: {text}", *error.detail, kind=error.kind)

    def add_schemas(
        self,
        result: GenerationResult,
        connection: sa.Connection,
        before: NeutralSchema,
        prepare: Callable[[], None] = lambda: None,
        *,
        must_run: bool = False,
    ) -> bool:
        """Note in the result the schema before and after the script; in the summary, why that is not known.

        Args:
            result: of its target; changed in place.
            connection: to a database at the head of the chain, on which it runs.
            before: the schema there.
            prepare: called before the script runs.
            must_run: whether it is a failure if the script fails here, since no proof has shown that a server takes it.

        Returns:
            Whether it is known.

        Raises:
            FailedError: it fails, and must not.
        """
        script = chain.load(self._target, staged=Path(self._request.folder))
        revision = script.get_revision(self._request.revision)
        try:
            prepare()
            ChainRunner(script, connection, self._target, self._settings).run_alone(revision)
            result.before, result.after = before, schema(dialects.get(self._target.dialect), connection)
        except NeedsServerError as error:
            result.summary.append(f"not compared with its twin: it {error}")
        except Exception as error:
            if must_run:
                raise self._with_line(failure(error, self._target, revision, "upgrade")) from error
            if not isinstance(error, sa.exc.SQLAlchemyError):
                raise
            result.summary.append(f"not compared with its twin: {first_line(error)}")
        else:
            return True
        return False


def schema(dialect: Dialect, connection: sa.Connection) -> NeutralSchema:
    """Return the schema in the form in which twins are compared.

    It is read as if new tables alone had led to it: the server in memory cannot be asked for triggers.
    """
    found = dialect.schema.snapshot(connection, Snapshot(), ["CREATE TABLE"])
    connection.rollback()
    return {name: neutral(table) for name, table in found.tables.items()}


def _is_about(line: str, caution: Caution) -> bool:
    """Return whether a problem with rows names the column of a caution, which has said so already."""
    return line.startswith(caution.step) and re.search(rf"\b{re.escape(caution.column)}\b", line) is not None


def _said(arguments: re.Match[str]) -> str:
    """Return what a server says, without the marks of Python around it."""
    text = re.sub(r"\\(.)", r"\1", arguments[3])
    return f"{text} ({arguments[1]})"
