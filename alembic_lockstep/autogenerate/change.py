"""A change: what each target is asked to generate, and the result. Plain data, passed between processes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.schema.neutral import tables_from_data

if TYPE_CHECKING:
    from alembic_lockstep.schema.neutral import NeutralSchema


@dataclass(frozen=True, slots=True)
class Rename:
    """A rename that the developer has declared with --rename.

    Attributes:
        table: the table; its old name where the table itself is renamed.
        old: the column's old name, None for a table.
        new: the new name.
    """

    table: str
    old: str | None
    new: str

    def __str__(self) -> str:
        return f"{self.table}.{self.old}:{self.new}" if self.old else f"{self.table}:{self.new}"

    @classmethod
    def parse(cls, text: str) -> Rename:
        """Read `TABLE.OLD:NEW`, or `OLD:NEW` for a table.

        Raises:
            CannotRunError: it is neither.
        """
        matched = re.fullmatch(r"({0})(?:\.({0}))?:({0})".format(r"[^.:\s](?:[^.:]*[^.:\s])?"), text)
        if matched is None:
            raise CannotRunError(
                f"--rename {text!r} is not TABLE.OLD:NEW (or OLD_TABLE:NEW_TABLE), "
                "for example --rename user.nick:alias. Names with a dot or a colon cannot be given.",
                kind="usage",
            )
        return cls(*matched.groups())


@dataclass(frozen=True, slots=True)
class Drop:
    """A table or column that a revision would drop.

    Attributes:
        table: the table.
        column: the column, None for the whole table.
        text: the line for people.
        renames: what is new and could be the same under another name: the line for people, and the value of --rename.
    """

    table: str
    column: str | None
    text: str
    renames: list[tuple[str, str]]

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Drop:
        """Return what `asdict` has turned into data and JSON has passed on."""
        return cls(**{**data, "renames": [(text, rename) for text, rename in data["renames"]]})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """What the developer typed.

    Attributes:
        message: the value of -m.
        auto: --auto.
        manual: --manual.
        db: names and patterns of targets; none means all.
        rename: --rename, as typed.
        allow_drop: --allow-drop.
        twins: --twins.
        branch: --branch.
        dry_run: --dry-run.
        keep_partial: --keep-partial.
        require_proof: --require-proof.
        resume: --continue.
        abort: --abort.
    """

    message: str | None
    auto: bool = False
    manual: bool = False
    db: list[str] = field(default_factory=list)
    rename: list[str] = field(default_factory=list)
    allow_drop: bool = False
    twins: str = ""
    branch: str = ""
    dry_run: bool = False
    keep_partial: bool = False
    require_proof: bool = False
    resume: bool = False
    abort: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """What a target is asked to generate.

    Attributes:
        message: the message, normalised.
        revision: the id that every script of the change gets.
        folder: where the script is staged; scratch files go there too.
        auto: the models are compared with the chain; otherwise the script is empty.
        branch: the label, or the id of a revision, of the branch that it continues; empty for the only one.
        renames: from --rename, as text.
        allow_drop: a script may drop columns and tables.
        require_proof: it is a failure if there is no server for the proof.
    """

    message: str
    revision: str
    folder: str
    auto: bool
    branch: str = ""
    renames: list[str] = field(default_factory=list)
    allow_drop: bool = False
    require_proof: bool = False


class GenerationStatus(StrEnum):
    """What became of a request in one word."""

    WRITTEN = "written"
    """There is a staged script, which is not in place yet."""
    UNCHANGED = "unchanged"
    """The chain is in step with the models."""
    REFUSED = "refused"
    """There is a staged script that would lose data, which nobody has allowed."""


@dataclass(slots=True)
class GenerationResult:
    """What became of a request.

    Attributes:
        status: in one word.
        summary: what the script does, a line each.
        proven_on: the server or engine of the proof.
        not_proven: why there is no proof.
        losses: what it would drop.
        renamed: the requested renames that fit this target.
        before: the schema at the head in neutral form, table by table (`schema.neutral`); empty without one.
        after: the schema with the script.
        named_today: what in the chain today's naming convention names, in a line; empty for nothing.
    """

    status: GenerationStatus
    summary: list[str] = field(default_factory=list)
    proven_on: str = ""
    not_proven: str = ""
    losses: list[Drop] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    before: NeutralSchema = field(default_factory=dict)
    after: NeutralSchema = field(default_factory=dict)
    named_today: str = ""

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> GenerationResult:
        """Return what `asdict` has turned into data and JSON has passed on."""
        return cls(
            **{
                **data,
                "status": GenerationStatus(data["status"]),
                "losses": [Drop.from_data(loss) for loss in data["losses"]],
                "before": tables_from_data(data["before"]),
                "after": tables_from_data(data["after"]),
            }
        )
