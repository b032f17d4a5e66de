"""Findings that are known and accepted, in `known_findings.toml` beside the chains, each with a reason."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.errors import CannotRunError, counted, shown
from alembic_lockstep.project import workspace
from alembic_lockstep.roundtrip.results import NOT_REACHED

if TYPE_CHECKING:
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.roundtrip.results import ChainResult, Verdict

NAME = "known_findings.toml"
HEAD = """\
# What the round trip finds and this project accepts: it is shown and does not fail. Each finding needs a reason.
# `invoke roundtrip --accept-known` adds new findings and removes those that are gone; other comments are not kept.
"""
_KEYS = ("target", "revision", "step", "text", "reason")
_SERVER = "server"
"""The key for the kind of server on which a finding was found: on another kind it need not be."""
_ALL_KEYS = {*_KEYS, _SERVER}
_EXAMPLE = re.compile(r"(: expected .*, found .*|,? such as .*)$")
_COUNTS = re.compile(r"\d+ (?:of \d+ )?(rows?|values)\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a revision, without what another server or another set of rows would word differently.

    Attributes:
        target: the target.
        revision: the revision's id.
        step: as that of a Problem.
        text: what is wrong, without counts and examples of rows.
    """

    target: str
    revision: str
    step: str
    text: str


@dataclass(slots=True)
class KnownFindings:
    """The findings that are accepted.

    Attributes:
        path: the file; None for no file.
        root: the project's root.
        reasons: the reason of each finding; empty if nobody has given one.
        servers: on what kind of server each was found; empty where its entry does not say.
        gone: those that were looked for and not found.
    """

    path: Path | None = None
    root: Path = Path()
    reasons: dict[Finding, str] = field(default_factory=dict)
    servers: dict[Finding, str] = field(default_factory=dict)
    gone: list[Finding] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path, root: Path) -> KnownFindings:
        """Read a file of known findings, which need not exist.

        Raises:
            CannotRunError: it cannot be read.
        """
        try:
            entries = tomllib.loads(path.read_text(encoding="utf-8")).get("finding", []) if path.exists() else []
            wrong = [each for each in entries if {*each, _SERVER} != _ALL_KEYS or not all(map(_is_text, each.values()))]
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise CannotRunError(f"{shown(path, root)} cannot be read: {error}") from error
        if wrong:
            needed = f"each [[finding]] has {', '.join(_KEYS)}, all of them texts"
            raise CannotRunError(f"{shown(path, root)}: {needed}. This one is different: {wrong[0]}")
        known = cls(path, root)
        for each in entries:
            finding = Finding(*(each[key] for key in _KEYS[:4]))
            known.reasons[finding], known.servers[finding] = each["reason"], each.get(_SERVER, "")
        return known

    def mark(self, target: str, verdict: Verdict) -> None:
        """Give each problem of a revision that is accepted its reason."""
        for problem in verdict.problems:
            problem.known = self.reasons.get(_finding(target, verdict.revision, problem.step, problem.text))

    def mark_all(self, target: str, chain: ChainResult) -> None:
        """Do so for all the revisions of a target that were tested, and note which findings are gone."""
        found = set().union(*(_findings(target, verdict) for verdict in chain.verdicts))
        tested = {verdict.revision for verdict in chain.verdicts if verdict.status != NOT_REACHED}
        for verdict in chain.verdicts:
            self.mark(target, verdict)
        self.gone += [
            each
            for each in self.reasons
            if each.target == target
            and each.revision in tested
            and each not in found
            and self.servers[each] in {"", _kind(chain.server)}
        ]

    def remarks(self) -> list[str]:
        """Return what is to be done about the file, a line each."""
        if self.path is None:
            return []
        name = shown(self.path, self.root)
        lines = [
            f"no longer found: remove it from {name}: {each.target} {each.revision} "
            f"{f'{each.step}: ' if each.step else ''}{each.text}"
            for each in self.gone
        ]
        without = sum(not reason.strip() for finding, reason in self.reasons.items() if finding not in self.gone)
        if without:
            lines.append(f'{name}: {counted(without, "finding")} without a reason. Fill in reason = "…"')
        return lines

    def accept(self, found: dict[str, ChainResult]) -> None:
        """Write what was found into the file, and take out what is gone; reasons that are there stay.

        Raises:
            CannotRunError: it cannot be written.
        """
        assert self.path is not None
        for finding in self.gone:
            del self.reasons[finding]
        self.gone = []
        for target, chain in found.items():
            for verdict in chain.verdicts:
                for finding in sorted(_findings(target, verdict), key=lambda each: (each.step, each.text)):
                    if finding not in self.reasons:
                        self.reasons[finding], self.servers[finding] = "", _kind(chain.server)
                self.mark(target, verdict)
        if not (self.reasons or self.path.exists()):
            return
        draft = self.path.with_name(f".{self.path.name}.draft")
        try:  # the reasons are written by hand: whatever happens, one whole file is there
            draft.write_text(HEAD + "".join(map(self._entry, self.reasons)), encoding="utf-8", newline="\n")
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise CannotRunError(
                f"{shown(self.path, self.root)} cannot be written: {error.strerror}", kind="cannot-write"
            ) from error

    def _entry(self, finding: Finding) -> str:
        """Return a finding as it stands in the file."""
        values = [finding.target, finding.revision, finding.step, finding.text, self.reasons[finding]]
        entry = dict(zip(_KEYS, values, strict=True)) | {_SERVER: self.servers[finding]}
        return "\n[[finding]]\n" + "".join(f"{key} = {_quoted(value)}\n" for key, value in entry.items())


def load(targets: list[Target]) -> KnownFindings:
    """Read the known findings of a project, of whose targets all are given: from the file beside its chains.

    Raises:
        CannotRunError: the file cannot be read.
    """
    return KnownFindings.load(workspace.folder_of(targets).parent / NAME, targets[0].root)


def _findings(target: str, verdict: Verdict) -> set[Finding]:
    return {_finding(target, verdict.revision, problem.step, problem.text) for problem in verdict.problems}


def _finding(target: str, revision: str, step: str, text: str) -> Finding:
    return Finding(target, revision, step, without_rows(text))


def without_rows(text: str) -> str:
    """Return what is wrong without counts and examples of rows, which depend on how rows are made."""
    return _COUNTS.sub(r"\1", _EXAMPLE.sub("", text)) if _COUNTS.search(text) else text


def _kind(server: str) -> str:
    """Return the kind of a server, such as mysql for `mysql:9.7` and `MySQL 8.4 at localhost`."""
    product = re.match(r"[a-z]*", server.partition(" ")[0].rpartition("/")[2].lower())
    return product[0] if product else ""


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _quoted(text: str) -> str:
    """Return a TOML string: its escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
