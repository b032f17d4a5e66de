"""The test items that pytest collects from an alembic.ini."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alembic_lockstep.commands import roundtrip
from alembic_lockstep.errors import Location, MigrationError, NoServerError
from alembic_lockstep.project import chain, data_cases, revision_file, targets
from alembic_lockstep.reports import github
from alembic_lockstep.reports.few import few
from alembic_lockstep.roundtrip import known_findings, twins
from alembic_lockstep.roundtrip.summary import unmatched
from alembic_lockstep.servers.settings import in_ci

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.roundtrip.results import ChainResult
    from alembic_lockstep.roundtrip.summary import RoundTripResult

SECONDS = 3600
"""The first test of a target runs its whole chain, and may have to pull an image before."""


class Project(pytest.File):
    """An alembic.ini: the tests of the chosen targets, and the results so far."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.results: dict[str, RoundTripResult] = {}
        self.chosen: list[Target] = []
        self.known = known_findings.KnownFindings()

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each revision, for the models of each target, for twins and for data cases."""
        try:
            known = targets.load(self.path)
            self.chosen = targets.select(known, self.config.getoption("migrations_target"))
            self.known = known_findings.load(known)
            chains = {target.name: chain.load(target) for target in known}
        except MigrationError as error:
            raise self.CollectError(error.text()) from error
        for target in self.chosen:
            for revision in chain.runnable(chains[target.name], target):
                slug = revision_file.slug(revision.path, revision.revision)
                name = f"{target.name}-{revision.revision}-{slug}"
                yield RevisionItem.from_parent(self, name=name, target=target, revision=revision.revision)
            yield ModelsItem.from_parent(self, name=f"{target.name}-models", target=target)
        for one, other in targets.pairs(known):
            if one in self.chosen:
                yield TwinsItem.from_parent(self, name=f"twins-{one.name}-{other.name}", of=(one, other))
        revisions = [revision for script in chains.values() for revision in chain.revisions(script)]
        files = {name for revision in revisions for name in data_cases.names(revision)}
        yield DataCasesItem.from_parent(self, name="data-cases", files=files)

    def round_trip(self, target: Target) -> ChainResult:
        """Return the round trip of a target's whole chain, which runs once.

        Without a server the test is skipped; in CI, and where a server was asked for, it fails.
        """
        server = self.config.getoption("migrations_server")
        if target.name not in self.results:
            with roundtrip.server_image(server):
                self.results[target.name] = roundtrip.run([target], lambda *_: None, lambda *_: None, known=self.known)
        result = self.results[target.name]
        fault = result.faults.get(target.name)
        if fault is not None:
            if fault.kind == NoServerError.kind and not server and not in_ci():
                pytest.skip(fault.text())
            pytest.fail(fault.text(), pytrace=False)
        return result.chains[target.name]

    def nothing_ran(self) -> bool:
        """Return whether no chain that was asked for could run."""
        return bool(self.results) and all(result.faults for result in self.results.values())

    def report(self, write_line: Callable[[str], None]) -> None:
        """Write what is to be done about known findings, and on GitHub annotations and the job's summary.

        That is for chosen targets only: twins have their own session.
        """
        if self.results:
            for line in self.known.remarks():
                write_line(line)
        results = [self.results[target.name] for target in self.chosen if target.name in self.results]
        if os.environ.get("GITHUB_ACTIONS") == "true":
            for result in results:
                for line in github.errors(result):
                    write_line(line)
        summary = os.environ.get("GITHUB_STEP_SUMMARY")
        if summary:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.writelines(github.summary(result) for result in results)


class _Item(pytest.Item):
    """A test; its project has the results."""

    def __init__(self, *, parent: Project, **given: Any) -> None:
        super().__init__(parent=parent, **given)
        self.project = parent
        if self.config.pluginmanager.hasplugin("timeout"):
            self.add_marker(pytest.mark.timeout(SECONDS))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the test comes from."""
        return self.path, None, self.name


class RevisionItem(_Item):
    """A revision goes up, down and up again."""

    def __init__(self, *, target: Target, revision: str, **given: Any) -> None:
        super().__init__(**given)
        self.target, self.revision = target, revision

    def runtest(self) -> None:
        """Fail if the round trip has found the revision broken."""
        result = self.project.round_trip(self.target)
        verdict = next(each for each in result.verdicts if each.revision == self.revision)
        if verdict.is_bad:
            problems, more = few([problem for problem in verdict.problems if problem.known is None])
            lines = [f"{problem}\n    {Location(verdict.path, problem.line)}" for problem in problems]
            pytest.fail("\n".join([f"{verdict.status} on {result.server}", *lines, more]).rstrip(), pytrace=False)


class ModelsItem(_Item):
    """The models of a target are in step with the head of its chain."""

    def __init__(self, *, target: Target, **given: Any) -> None:
        super().__init__(**given)
        self.target = target

    def runtest(self) -> None:
        """Fail if the models are ahead of the chain."""
        result = self.project.round_trip(self.target)
        if result.ahead() or not result.verdicts:
            lines = result.ahead() or ["the chain has no revision"]
            pytest.fail("\n".join([*lines, f"on {result.server}"]), pytrace=False)


class TwinsItem(_Item):
    """Two targets of one database have the same schema."""

    def __init__(self, *, of: tuple[Target, Target], **given: Any) -> None:
        super().__init__(**given)
        self.of = of

    def runtest(self) -> None:
        """Compare the two at every revision that both have."""
        names = self.of[0].name, self.of[1].name
        found = twins.compare(names, (self.project.round_trip(self.of[0]), self.project.round_trip(self.of[1])))
        self.project.results[names[0]].twins.append(found)
        if found.problems or not found.compared:
            lines = [
                line
                for each in found.problems
                for line in (f"{each.verdict.revision} {each.verdict.path}: {each.headline()}", *each.lines)
            ]
            pytest.fail("\n    ".join(lines or ["nothing was compared"]), pytrace=False)


class DataCasesItem(_Item):
    """Every data case belongs to a revision."""

    def __init__(self, *, files: set[str], **given: Any) -> None:
        super().__init__(**given)
        self.files = files

    def runtest(self) -> None:
        """Fail if one belongs to none."""
        unused = data_cases.unmatched(self.path.parent, self.files)
        if unused:
            pytest.fail("\n".join(map(unmatched, unused)), pytrace=False)
