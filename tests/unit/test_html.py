"""The page of round trips: nothing in a name or a message can become a part of the page."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from alembic_lockstep.errors import Fault
from alembic_lockstep.project.targets import Target
from alembic_lockstep.reports import html
from alembic_lockstep.roundtrip.results import ChainResult, Problem, Verdict
from alembic_lockstep.roundtrip.summary import RoundTripResult
from alembic_lockstep.roundtrip.twins import TwinComparison, TwinDifference

ODD = "\"a\" & 'b' <c d=e>"
TARGET = Target(
    Path("alembic.ini"), f"sqlite_{ODD}", "sqlite", ODD, Path("versions"), "app:Base", "app:url", frozenset()
)


class Page(HTMLParser):
    """What a browser reads in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> set[str | None]:
        return {attributes[name] for _tag, attributes in self.tags if name in attributes}


def page() -> Page:
    good = Verdict(ODD, ODD, ODD, "lossy", ODD, lost=[ODD], notes=[ODD], changes=[ODD], seconds=[0.1, 0.2, 0.3])
    bad = replace(good, revision="b2", status="broken", problems=[Problem("downgrade", ODD, 7)])
    twins = TwinComparison(
        (TARGET.name, ODD),
        2,
        exceptions=[TwinDifference(ODD, good, [ODD], ODD)],
        problems=[TwinDifference(ODD, bad, [])],
    )
    chains = {TARGET.name: ChainResult(ODD, [good, bad], models=[ODD])}
    other = replace(TARGET, name="mysql_b", database="b", dialect="mysql")
    result = RoundTripResult(chains, {other.name: Fault("failed", ODD, (ODD,))}, [twins], [ODD])
    return Page(html.page(result, [TARGET, other]))


def test_no_name_and_no_message_becomes_a_tag() -> None:
    read = page()
    assert "c" not in {tag for tag, _attributes in read.tags}
    assert read.text.count(ODD) > 20
    assert f"on {ODD}, 2 revisions" in read.text


def test_links_lead_to_the_details_of_their_revisions() -> None:
    read = page()
    name = f"sqlite_{ODD}"
    assert read.values("href") == {f"#{name}-{ODD}", f"#{name}-b2"}
    assert read.values("id") == {name, "mysql_b", f"{name}-{ODD}", f"{name}-b2"}
    assert f"the chain of {name}: 2 revisions, 1 of them broken" in read.values("aria-label")
