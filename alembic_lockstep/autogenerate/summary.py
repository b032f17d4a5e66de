"""What a change has come to on all of its targets together: plain data, with the decision what is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.autogenerate.change import GenerationStatus

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.autogenerate.change import ChangeRequest, GenerationResult
    from alembic_lockstep.errors import Fault
    from alembic_lockstep.project.message import Message
    from alembic_lockstep.project.targets import Target


@dataclass(slots=True, kw_only=True)
class ChangeResult:
    """What a change has come to.

    Attributes:
        request: what the developer typed.
        message: the checked message.
        renames: the values of --rename in normal form.
        revision: the id that all its scripts have.
        targets: the chosen targets, in the order of alembic.ini.
        pairs: the names of all twins of the project, chosen or not.
        results: what was generated, by target.
        faults: why a target has no result.
        differences: the lines that would newly differ, by the names of the twins.
        reasons: why they may differ, by the names of the twins.
        scripts: where the script of each target was staged, also of those that have failed.
        drafts: where the script of each target is kept as a draft.
        previews: the text of each script by target, in a dry run.
        placed: the targets whose script is in place.
        seconds: how long it took.
    """

    request: ChangeRequest
    message: Message
    renames: list[str]
    revision: str
    targets: list[Target]
    pairs: list[tuple[str, str]]
    results: dict[str, GenerationResult] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    differences: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    scripts: dict[str, Path] = field(default_factory=dict)
    drafts: dict[str, Path] = field(default_factory=dict)
    previews: dict[str, str] = field(default_factory=dict)
    placed: list[Target] = field(default_factory=list)
    seconds: float = 0.0

    def refused(self) -> list[GenerationResult]:
        """Return the results that would lose data, which nobody has allowed."""
        return [result for result in self.results.values() if result.status is GenerationStatus.REFUSED]

    def staged(self) -> list[Target]:
        """Return the targets that have a script, in place or not."""
        names = {name for name, result in self.results.items() if result.status is GenerationStatus.WRITTEN}
        return [target for target in self.targets if target.name in names]

    def differing(self) -> set[str]:
        """Return the targets that would differ from a twin without a reason."""
        return {name for names in self.differences.keys() - self.reasons.keys() for name in names}

    def failed(self) -> bool:
        """Return whether the change is not complete, so that it is written only with --keep-partial."""
        return bool(self.faults or self.refused() or self.differing())

    def accepted(self) -> list[Target]:
        """Return the targets whose script is to be put in place."""
        if self.request.dry_run or (self.failed() and not self.request.keep_partial):
            return []
        differing = self.differing()
        return [target for target in self.staged() if target.name not in differing]

    def left(self) -> dict[str, str]:
        """Return what becomes a draft: the name of the script by target, empty for a target that needs none.

        Empty if it is not the scripts that have failed, or a target has none that could be edited: then the same
        command is to be run again.
        """
        wrong = [fault for fault in self.faults.values() if fault.exit_code == 1 or fault.kind == "unexpected"]
        is_theirs = self.refused() or self.differing() or any(fault.kind != "not-proven" for fault in wrong)
        if not is_theirs or not self.faults.keys() <= self.scripts.keys():
            return {}
        accepted = {target.name for target in self.accepted()}
        names = [target.name for target in self.targets if target.name not in accepted]
        return {name: self.scripts[name].name if name in self.scripts else "" for name in names}

    def twins_left_out(self, target: Target) -> list[str]:
        """Return the twins of a target that are not compared with it, since they were not chosen."""
        chosen = {each.name for each in self.targets}
        return [name for pair in self.pairs if target.name in pair for name in pair if name not in chosen]

    def script(self, target: Target) -> Path:
        """Return where the script of a target is, or would be."""
        return self.drafts.get(target.name) or self.place(target)

    def place(self, target: Target) -> Path:
        """Return where the script of a target has its place in the chain."""
        return target.versions / self.scripts[target.name].name

    def exit_code(self) -> int:
        """Return 0 if all is well, 1 if something failed or would be lost, 2 if nothing could be done."""
        worst = max([1 if self.failed() else 0, *(fault.exit_code for fault in self.faults.values())])
        return min(worst, 1) if self.placed else worst
