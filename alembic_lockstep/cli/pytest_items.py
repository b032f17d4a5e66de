"""The cases that pytest makes of an alembic.ini."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alembic_lockstep.commands import roundtrip
from alembic_lockstep.errors import NO_SERVER, MigrationError
from alembic_lockstep.project import chain, revision_file, targets
from alembic_lockstep.reports import github
from alembic_lockstep.roundtrip import data_cases, twins
from alembic_lockstep.roundtrip.results import BAD
from alembic_lockstep.schema.twins import pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.roundtrip.results import ChainResult
    from alembic_lockstep.roundtrip.summary import RoundTripResult

SECONDS = 3600
"""The first case of a target walks its whole chain, and may have to pull an image before."""


class Project(pytest.File):
    """An alembic.ini: the cases of the targets that are chosen, and what was found so far."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.found: dict[str, RoundTripResult] = {}
        self.chosen: list[Target] = []

    def collect(self) -> Iterator[pytest.Item]:
        """Give a case for each revision, for the models of each target, for twins and for data cases."""
        try:
            known = targets.load(self.path)
            self.chosen = targets.select(known, self.config.getoption("--target"))
            chains = {target.name: list(reversed(list(chain.load(target).walk_revisions()))) for target in known}
        except MigrationError as error:
            raise self.CollectError("\n".join([error.headline, *error.detail])) from error
        for target in self.chosen:
            for script in chains[target.name]:
                slug = revision_file.slug(script.path, script.revision)
                name = f"{target.name}-{script.revision}-{slug}"
                yield RevisionItem.from_parent(self, name=name, target=target, revision=script.revision)
            yield ModelsItem.from_parent(self, name=f"{target.name}-models", target=target)
        by_name = {target.name: target for target in known}
        for names in pairs(list(by_name)):
            if by_name[names[0]] in self.chosen:
                of = tuple(by_name[name] for name in names)
                yield TwinsItem.from_parent(self, name=f"twins-{'-'.join(names)}", of=of)
        files = {name for scripts in chains.values() for script in scripts for name in data_cases.names(script)}
        yield DataCasesItem.from_parent(self, name="data-cases", files=files)

    def trip(self, target: Target) -> ChainResult:
        """Return the round trip of a target's whole chain, made once. Without a server: skipped, in CI failed."""
        if target.name not in self.found:
            with roundtrip.served_from(self.config.getoption("--server")):
                self.found[target.name] = roundtrip.run([target], lambda *_: None, lambda *_: None)
        made = self.found[target.name]
        fault = made.faults.get(target.name)
        if fault is not None:
            text = "\n".join([fault.headline, *fault.detail])
            if NO_SERVER in fault.headline and not os.environ.get("CI"):
                pytest.skip(text)
            pytest.fail(text, pytrace=False)
        return made.trips[target.name]

    def nothing_ran(self) -> bool:
        """Return whether chains were asked for and none was walked."""
        return bool(self.found) and all(made.faults for made in self.found.values())

    def report(self, write_line: Callable[[str], None]) -> None:
        """Write annotations and the summary of a job on GitHub; a twin's own session tells of the twin."""
        told = [self.found[target.name] for target in self.chosen if target.name in self.found]
        if os.environ.get("GITHUB_ACTIONS") == "true":
            for made in told:
                for line in github.errors(made):
                    write_line(line)
        summary = os.environ.get("GITHUB_STEP_SUMMARY")
        if summary:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.writelines(github.summary(made) for made in told)


class _Item(pytest.Item):
    """A case; its project knows what was found."""

    def __init__(self, *, parent: Project, **given: Any) -> None:
        super().__init__(parent=parent, **given)
        self.project = parent
        if self.config.pluginmanager.hasplugin("timeout"):
            self.add_marker(pytest.mark.timeout(SECONDS))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say where the case comes from."""
        return self.path, None, self.name


class RevisionItem(_Item):
    """A revision goes up, down and up again."""

    def __init__(self, *, target: Target, revision: str, **given: Any) -> None:
        super().__init__(**given)
        self.target, self.revision = target, revision

    def runtest(self) -> None:
        """See the verdict on the revision."""
        trip = self.project.trip(self.target)
        verdict = next(each for each in trip.verdicts if each.revision == self.revision)
        if verdict.status in BAD:
            lines = [f"{problem}\n    {verdict.path}:{problem.line}" for problem in verdict.problems]
            pytest.fail("\n".join([f"{verdict.status} on {trip.server}", *lines]), pytrace=False)


class ModelsItem(_Item):
    """The models of a target are in step with the head of its chain."""

    def __init__(self, *, target: Target, **given: Any) -> None:
        super().__init__(**given)
        self.target = target

    def runtest(self) -> None:
        """See that the models have nothing ahead of the chain."""
        trip = self.project.trip(self.target)
        if trip.models or not trip.verdicts:
            lines = trip.models or ["the chain has no revision"]
            pytest.fail("\n".join([f"the models are ahead of the migrations on {trip.server}", *lines]), pytrace=False)


class TwinsItem(_Item):
    """Two targets of one database have the same schema."""

    def __init__(self, *, of: tuple[Target, Target], **given: Any) -> None:
        super().__init__(**given)
        self.of = of

    def runtest(self) -> None:
        """Compare the two at every revision that both have."""
        names = self.of[0].name, self.of[1].name
        found = twins.compare(names, (self.project.trip(self.of[0]), self.project.trip(self.of[1])))
        self.project.found[names[0]].twins.append(found)
        if found.problems or not found.compared:
            lines = [
                line
                for each in found.problems
                for line in (f"{each.verdict.revision} {each.verdict.path}", *(each.lines or [each.reason]))
            ]
            pytest.fail("\n    ".join(lines or ["nothing was compared"]), pytrace=False)


class DataCasesItem(_Item):
    """Every data case belongs to a revision."""

    def __init__(self, *, files: set[str], **given: Any) -> None:
        super().__init__(**given)
        self.files = files

    def runtest(self) -> None:
        """Look for those that belong to none."""
        strays = data_cases.strays(self.path.parent, self.files)
        if strays:
            folder = data_cases.FOLDER.as_posix()
            pytest.fail("\n".join(f"{folder}/{name} belongs to no revision" for name in strays), pytrace=False)
