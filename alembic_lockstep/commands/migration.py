"""`invoke migration`: one change, one script per target, all or none of them."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.autogenerate.change import GenerationRequest, GenerationResult, Rename
from alembic_lockstep.dialects import LABELS
from alembic_lockstep.errors import INTERRUPTED, CannotRunError, Fault, shown
from alembic_lockstep.project import message, revision_file, targets, workspace
from alembic_lockstep.reports.console import Report
from alembic_lockstep.schema import twins
from alembic_lockstep.workers import pool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alembic_lockstep.project.message import Message
    from alembic_lockstep.project.targets import Target

RULE = "=" * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the developer typed.

    Attributes:
        message: behind -m.
        auto: --auto.
        manual: --manual.
        db: names and patterns of targets; none means all.
        rename: --rename, as typed.
        allow_drop: --allow-drop.
        twins: --twins.
        dry_run: --dry-run.
        keep_partial: --keep-partial.
        require_proof: --require-proof.
    """

    message: str | None
    auto: bool = False
    manual: bool = False
    db: list[str] = field(default_factory=list)
    rename: list[str] = field(default_factory=list)
    allow_drop: bool = False
    twins: str = ""
    dry_run: bool = False
    keep_partial: bool = False
    require_proof: bool = False


def migrate(ini: Path, request: Request) -> int:
    """Generate and prove the scripts of one change and put them in place.

    Args:
        ini: the project's alembic.ini.
        request: what the developer typed.

    Returns:
        The exit code: 0 all well, 1 something failed or would be lost, 2 could not run.

    Raises:
        MigrationError: the request is wrong, or the environment; nothing was written.
    """
    if request.auto == request.manual:
        raise CannotRunError(
            f"{'Only one' if request.auto else 'One'} of --auto (compare the models) "
            "and --manual (empty scripts) must be given."
        )
    if request.twins and (request.manual or not request.twins.strip() or not _is_text(request.twins)):
        raise CannotRunError("--twins must be a reason in words, and goes with --auto: empty scripts are not compared.")
    text = message.parse(request.message)
    renames = [str(Rename.parse(rename)) for rename in request.rename]
    known = targets.load(ini)
    chosen = targets.select(known, request.db)
    for target in chosen:
        target.require_folder()
    run = _Run(
        workspace.folder_of(known), request, text, renames, chosen, twins.pairs([target.name for target in known])
    )
    return run.go()


def _is_text(words: str) -> bool:
    """Return whether it can be written into a file; what a shell hands over need not be text."""
    try:
        words.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


class _Run:
    def __init__(
        self,
        base: Path,
        request: Request,
        text: Message,
        renames: list[str],
        chosen: list[Target],
        pairs: list[tuple[str, str]],
    ) -> None:
        self.base, self.request, self.text, self.renames, self.chosen = base, request, text, renames, chosen
        self.root = chosen[0].root
        self.pairs = pairs
        self.revision = secrets.token_hex(6)
        self.report = Report()
        self.width = max(len(target.label) for target in chosen)
        self.outcomes: dict[str, GenerationResult] = {}
        self.faults: dict[str, Fault] = {}
        self.refused: list[GenerationResult] = []
        self.drifts: dict[tuple[str, str], list[str]] = {}

    def go(self) -> int:
        started = time.monotonic()
        self._header()
        with workspace.staging(self.root, self.base, self.revision) as staging:
            try:
                self._generate(staging)
            except KeyboardInterrupt:
                self.report.warn("Interrupted. Nothing was written.")
                return INTERRUPTED
            self._require_used_renames()
            self._compare_twins()
            self._report()
            placed = self._place(staging)
        return self._summary(placed, time.monotonic() - started)

    def _header(self) -> None:
        self.report.line(RULE, "dim")
        self.report.line(f"Start generating migration scripts: {self.text.text}", "bold")
        self.report.line(f"Mode: {'Auto-generate' if self.request.auto else 'Manual'}")
        self.report.line(f"Databases: {', '.join(target.label for target in self.chosen)}")
        self.report.line(RULE, "dim")

    def _generate(self, staging: workspace.Staging) -> None:
        proof = self.request.require_proof or os.environ.get("CI", "").lower() not in {"", "0", "false"}

        def order(target: Target) -> dict[str, object]:
            folder = str(staging.folder(target.name))
            return asdict(
                GenerationRequest(
                    message=self.text.text,
                    revision=self.revision,
                    folder=folder,
                    auto=self.request.auto,
                    renames=self.renames,
                    allow_drop=self.request.allow_drop,
                    require_proof=proof,
                )
            )

        with self.report.working(self.chosen) as (tell, done):
            for target, answer in pool.run(self.chosen, "generate", order, tell):
                done(target)
                if isinstance(answer, Fault):
                    self.faults[target.name] = answer
                else:
                    self.outcomes[target.name] = GenerationResult(**answer)
        self.refused = [outcome for outcome in self.outcomes.values() if outcome.status == "refused"]

    def _report(self) -> None:
        """Print what became of each target; whether its script is written depends on the others."""
        told: set[str] = set()
        for target in self.chosen:
            fault, outcome = self.faults.get(target.name), self.outcomes.get(target.name)
            if fault is not None:
                same = fault.headline in told
                told.add(fault.headline)
                headline = "the same" if same else fault.headline.removeprefix(f"{target.name}: ")
                detail = () if same and fault.code == CannotRunError.exit_code else fault.detail
                self._line("✗", target, headline, detail)
            elif outcome is not None and outcome.status == "refused":
                lines = [line for loss in outcome.losses for line in (loss.text, *(new for new, _flag in loss.renames))]
                tables = any(loss.column is None for loss in outcome.losses)
                text = f"would drop a {'table and its rows' if tables else 'column and its values'}"
                same = "\n".join(lines) in told
                told.add("\n".join(lines))
                self._line("✗", target, "the same" if same else text, [] if same else lines)
            elif outcome is not None and outcome.status == "unchanged":
                self._line("–", target, "unchanged")
            elif outcome is not None:
                self._report_written(target, outcome)

    def _report_written(self, target: Target, outcome: GenerationResult) -> None:
        path = shown(self._place_of(target), self.root)
        kept = not self._failed() or (self.request.keep_partial and target.name not in self._drifting())
        proof = [f"proven on {outcome.proven_on}"] if outcome.proven_on else []
        if outcome.not_proven:
            proof = [f"not proven on {LABELS[target.dialect]} yet: {outcome.not_proven}"]
        if self.request.auto:
            names = {target.name for target in self.chosen}
            left_out = [name for pair in self.pairs if target.name in pair for name in pair if name not in names]
            proof += [f"not compared with its twin {name}, which was not chosen" for name in left_out]
        text = path if kept and not self.request.dry_run else f"{path} (not written)"
        self._line("✓", target, text, [*outcome.summary, *proof])

    def _failed(self) -> bool:
        """Return whether something keeps the change out, unless a part of it is wanted."""
        return bool(self.faults or self.refused or self._drifting())

    def _line(self, mark: str, target: Target, text: str, detail: Sequence[str] = ()) -> None:
        self.report.target(mark, target, self.width, text, detail)

    def _place_of(self, target: Target) -> Path:
        return target.versions / Path(self.outcomes[target.name].staged).name

    def _written(self) -> list[Target]:
        return [
            target
            for target in self.chosen
            if target.name in self.outcomes and self.outcomes[target.name].status == "written"
        ]

    def _require_used_renames(self) -> None:
        used = {rename for outcome in self.outcomes.values() for rename in outcome.renamed}
        for rename in self.renames:
            if rename not in used and not self.faults:
                raise CannotRunError(
                    f"--rename {rename} fits no target: the old name must be in the chain and not in the models, "
                    "the new one in the models and not in the chain. Nothing was written."
                )

    def _compare_twins(self) -> None:
        """Find what the change makes differ between twins; with --twins say so in the script of one of them."""
        done = {name for name, outcome in self.outcomes.items() if outcome.after}
        compared = [pair for pair in self.pairs if done.issuperset(pair)]
        for names in compared:
            one, other = (self.outcomes[name] for name in names)
            lines = twins.drift(names, (one.before, other.before), (one.after, other.after))
            if lines:
                self.drifts[names] = lines
        if self.request.twins and not self.drifts and not self.faults and not self.refused:
            why = "twins do not come to differ" if compared else "no two targets of one database are compared"
            raise CannotRunError(f"--twins {self.request.twins!r} is not needed: {why}. Nothing was written.")
        if self.request.twins:
            staged = [[self.outcomes[name].staged for name in names] for names in self.drifts]
            for script in {next(filter(None, paths)) for paths in staged}:
                revision_file.declare(Path(script), "twins", self.request.twins)

    def _drifting(self) -> set[str]:
        """Return the targets that come to differ from a twin without a reason."""
        return set() if self.request.twins else {name for names in self.drifts for name in names}

    def _place(self, staging: workspace.Staging) -> list[Target]:
        """Print or move the scripts; return the targets whose script is in place."""
        written = self._written()
        if self.request.dry_run:
            for target in written:
                self.report.line(f"\n# {shown(self._place_of(target), self.root)}", "bold")
                self.report.line(Path(self.outcomes[target.name].staged).read_text(encoding="utf-8").rstrip())
            return []
        if self._failed() and not self.request.keep_partial:
            return []
        written = [target for target in written if target.name not in self._drifting()]
        if written:
            staging.commit({Path(self.outcomes[target.name].staged): self._place_of(target) for target in written})
        return written

    def _summary(self, placed: list[Target], seconds: float) -> int:
        if self.faults:
            self.report.warn(f"⚠️ Warning: {len(self.faults)} database generation failed")
            for name, fault in self.faults.items():
                self.report.warn(f"    {name}: {fault.headline.removeprefix(f'{name}: ')}")
        if self.refused:
            self._explain_losses()
        self._tell_drifts()
        if placed:
            noun = "script" if len(placed) == 1 else "scripts"
            self.report.line(f"{len(placed)} {noun}, revision {self.revision}, {seconds:.1f} s")
            self._say_next(placed)
        elif self.request.dry_run:
            self.report.line(f"Dry run: nothing was written, {seconds:.1f} s")
        elif not self._failed():
            self.report.line(f"The chains are in step with the models: nothing to write, {seconds:.1f} s")
        elif self.faults:
            self.report.line(
                "Nothing was written, so that all databases stay in step. "
                "Mend the cause and run the same command again, or --keep-partial."
            )
        if not placed and self._written() and not self.request.dry_run:
            self.report.line(f"Not written: {', '.join(target.name for target in self._written())}")
        codes = [fault.code for fault in self.faults.values()] + [1 if self._failed() else 0]
        return min(max(codes), 1) if placed else max(codes)

    def _explain_losses(self) -> None:
        losses = [loss for outcome in self.outcomes.values() for loss in outcome.losses]
        flags = dict.fromkeys(flag for loss in losses for _new, flag in loss.renames)
        self.report.line("Nothing of it was written." if self.request.keep_partial else "Nothing was written.")
        if flags:
            self.report.line("If it is a rename, values stay with")
            for flag in flags:
                self.report.line(f"    --rename {flag}")
        else:
            self.report.line("If it is a rename, values stay with  --rename TABLE.OLD:NEW")
        self.report.line("and if the values may go, or you move them by hand: --allow-drop")

    def _tell_drifts(self) -> None:
        for names, lines in self.drifts.items():
            pair = " and ".join(names)
            if self.request.twins:
                self.report.line(f"twins {pair} differ from here on: {self.request.twins}", "yellow")
            else:
                self.report.line(f"✗ twins {pair} would differ", "red")
            for line in lines:
                self.report.line(f"    {line}", "dim")
        if self._drifting():
            some = self.request.keep_partial and self._written()
            self.report.line("Nothing of it was written." if some else "Nothing was written.")
            self.report.line('If it is meant, say why: --twins "…". Else let the models ask the same of both.')

    def _say_next(self, placed: list[Target]) -> None:
        unproven = {LABELS[target.dialect] for target in placed if self.outcomes[target.name].not_proven}
        if unproven:
            where = " and ".join(sorted(unproven))
            self.report.line(
                f"Next: read the scripts, then prove them on {where} where there is one: nox -s migrations"
            )
        elif self.request.manual:
            self.report.line("Next: fill in the scripts, then `invoke upgrade`")
        else:
            self.report.line("Next: read the scripts, then `invoke upgrade`")
