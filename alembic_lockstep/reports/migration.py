"""What `invoke migration` prints."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from alembic_lockstep.autogenerate.change import GenerationStatus
from alembic_lockstep.dialects import LABELS
from alembic_lockstep.errors import CannotRunError, counted, shown
from alembic_lockstep.project import drafts

if TYPE_CHECKING:
    from alembic_lockstep.autogenerate.change import GenerationResult
    from alembic_lockstep.autogenerate.summary import ChangeResult
    from alembic_lockstep.errors import Fault
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.reports.console import Report

RULE = "=" * 60


def header(report: Report, change: ChangeResult) -> None:
    """Print what is going to be done."""
    report.line(RULE, "dim")
    if change.request.resume:
        report.line(f"Prove the draft {change.revision}: {change.message.text}", "bold")
    else:
        report.line(f"Start generating migration scripts: {change.message.text}", "bold")
        report.line(f"Mode: {'Auto-generate' if change.request.auto else 'Manual'}")
    report.line(f"Databases: {', '.join(target.label for target in change.targets)}")
    report.line(RULE, "dim")


def result(report: Report, change: ChangeResult) -> None:
    """Print what a change has come to: target by target, then as a whole."""
    _targets(report, change)
    for name, text in change.previews.items():
        target = next(each for each in change.targets if each.name == name)
        report.line(f"\n# {shown(change.place(target), target.root)}", "bold")
        report.line(text.rstrip())
    if change.faults:
        report.warn(f"⚠️ Warning: {len(change.faults)} database generation failed")
        names: dict[str, list[str]] = {}
        for target in change.targets:  # the faults are in the order in which workers have ended
            if fault := change.faults.get(target.name):
                names.setdefault(fault.headline_for(target.name), []).append(target.name)
        for headline, affected in names.items():
            report.warn(f"    {', '.join(affected)}: {headline}")
    if change.refused():
        _losses(report, change)
    _naming(report, change)
    _differences(report, change)
    _outcome(report, change)


def _targets(report: Report, change: ChangeResult) -> None:
    """Print a line for each target, and the details of each; what repeats is printed once."""
    printed: set[str] = set()
    width = max(len(target.label) for target in change.targets)
    for target in change.targets:
        fault, generated = change.faults.get(target.name), change.results.get(target.name)
        if fault is not None:
            mark, text, detail = "✗", *_fault(target, fault, printed)
        elif generated is None:
            continue
        elif generated.status is GenerationStatus.REFUSED:
            mark, text, detail = "✗", *_refusal(generated, printed)
        elif generated.status is GenerationStatus.UNCHANGED:
            mark, text, detail = "–", generated.status, []
        else:
            mark, text, detail = "✓", *_script(change, target, generated)
        named = f"! {generated.named_today}" if generated and generated.named_today else ""
        report.target(mark, target, width, text, [*detail, *filter(None, [named])])


def _fault(target: Target, fault: Fault, printed: set[str]) -> tuple[str, list[str]]:
    headline = fault.headline_for(target.name)
    same = headline in printed
    printed.add(headline)
    text = "the same" if same else headline
    return text, [] if same and fault.exit_code == CannotRunError.exit_code else list(fault.detail)


def _refusal(generated: GenerationResult, printed: set[str]) -> tuple[str, list[str]]:
    lines = [line for loss in generated.losses for line in (loss.text, *(new for new, _flag in loss.renames))]
    same = "\n".join(lines) in printed
    printed.add("\n".join(lines))
    if same:
        return "the same", []
    tables = any(loss.column is None for loss in generated.losses)
    return f"would drop a {'table and its rows' if tables else 'column and its values'}", lines


def _script(change: ChangeResult, target: Target, generated: GenerationResult) -> tuple[str, list[str]]:
    path = _path(change, target)
    proof = [f"proven on {generated.proven_on}"] if generated.proven_on else []
    if generated.not_proven:
        proof = [f"not proven on {LABELS[target.dialect]} yet: {generated.not_proven}"]
    if change.request.auto:
        left_out = change.twins_left_out(target)
        proof += [f"not compared with its twin {name}, which was not chosen" for name in left_out]
    if target not in change.placed:
        path = f"{path} ({'draft' if target.name in change.drafts else 'not written'})"
    return path, [*generated.summary, *proof]


def _path(change: ChangeResult, target: Target) -> str:
    return shown(change.script(target), target.root)


def _losses(report: Report, change: ChangeResult) -> None:
    """Print how to keep values that a script would drop, or how to allow that."""
    losses = [loss for generated in change.refused() for loss in generated.losses]
    flags = dict.fromkeys(flag for loss in losses for _new, flag in loss.renames)
    again = f"{drafts.ABORT}, then the same command with" if change.drafts else "keep the values with"
    if flags:
        report.line(f"If it is a rename: {again}")
        for flag in flags:
            report.line(f"    --rename {shlex.quote(flag)}")
    elif change.request.resume:
        report.line("If it is a rename, let the script rename: its downgrade has to bring the values back.")
    else:
        report.line(f"If it is a rename: {again}  --rename TABLE.OLD:NEW")
    allow = f"{drafts.CONTINUE} --allow-drop" if change.drafts else "--allow-drop"
    report.line(f"If the values may be lost, or you move them by hand: {allow}")


def _differences(report: Report, change: ChangeResult) -> None:
    """Print what would newly differ between twins."""
    for names, lines in change.differences.items():
        pair = " and ".join(names)
        if names in change.reasons:
            report.line(f"twins {pair} differ from here on: {change.reasons[names]}", "yellow")
        else:
            report.line(f"✗ twins {pair} would differ", "red")
        for line in lines:
            report.line(f"    {line}", "dim")
    if change.differing():
        reason = f'{drafts.CONTINUE} --twins "…"' if change.drafts else '--twins "…"'
        report.line(
            f"If that is intended, give the reason: {reason}. Otherwise make both dialects produce the same schema."
        )


def _naming(report: Report, change: ChangeResult) -> None:
    """Print how to decide for which revisions today's naming convention holds."""
    names = [name for name, generated in change.results.items() if generated.named_today]
    if names:
        sections = " ".join(f"[{target.section}]" for target in change.targets if target.name in names)
        report.line(
            "! Look for such a name in a live database, and set naming_convention_from in alembic.ini:", "yellow"
        )
        report.line("    base   it is there: the convention was there from the beginning")
        report.line("    never  it is not there, and no revision was made with the convention yet")
        report.line("    ID     it is not there: the id of the first revision that was made with the convention")
        report.line(f"  in {sections}, or in [DEFAULT] if it is the same for all targets")


def _outcome(report: Report, change: ChangeResult) -> None:
    """Print what was written, and what to do next."""
    seconds = f"{change.seconds:.1f} s"
    if change.placed:
        report.line(f"{counted(len(change.placed), 'script')}, revision {change.revision}, {seconds}")
        _next(report, change)
    elif change.request.dry_run:
        report.line(f"Dry run: nothing was written, {seconds}")
    elif not change.failed():
        report.line(f"The chains are in step with the models: nothing to write, {seconds}")
    elif change.faults and not change.drafts:
        report.line(
            "Nothing was written, so that all databases stay in step. "
            "Fix the cause and run the same command again, or use --keep-partial."
        )
    else:
        report.line("Nothing was written, so that all databases stay in step.")
    if change.drafts and not change.request.dry_run:
        _drafts(report, change)
    else:
        left = [target.name for target in change.staged() if target not in change.placed]
        if left and not change.request.dry_run:
            report.line(f"Not written: {', '.join(left)}")


def _drafts(report: Report, change: ChangeResult) -> None:
    """Print where the scripts are that were not written, and how to go on with them."""
    report.line("These scripts are a draft:")
    for target in change.targets:
        if target.name in change.drafts:
            report.line(f"    {_path(change, target)}")
    report.line(f"Edit them where they are wrong, then: {drafts.CONTINUE}. To drop them: {drafts.ABORT}")


def dropped(report: Report, scripts: list[str]) -> None:
    """Print which scripts a dropped draft had."""
    report.line(f"The draft is dropped: {counted(len(scripts), 'script')}")
    for script in scripts:
        report.line(f"    {script}")


def outdated(report: Report, command: str) -> None:
    """Print how to make a change again whose draft no longer follows the head of its chain."""
    report.line(f"Generate the change again: {drafts.ABORT}, then")
    report.line(f"    {command}")


def _next(report: Report, change: ChangeResult) -> None:
    unproven = {LABELS[target.dialect] for target in change.placed if change.results[target.name].not_proven}
    if unproven:
        names = " and ".join(sorted(unproven))
        report.line(f"Next: read the scripts, then prove them where there is a server for {names}: nox -s migrations")
    elif change.request.manual:
        report.line("Next: fill in the scripts, then `invoke upgrade`")
    else:
        report.line("Next: read the scripts, then `invoke upgrade`")
