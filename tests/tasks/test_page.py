from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.tasks.test_roundtrip import ADD, add

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Project

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--hide-scrollbars", "--virtual-time-budget=4000",
]  # fmt: skip
# What a browser makes of the page in a frame, written into the document that it prints at the end.
PROBE = """<!doctype html><meta charset=utf-8><body>
<iframe style="width: {width}px; height: 900px" src="page.html"></iframe>
<script>
onload = () => {{
  const page = frames[0].document, details = [...page.querySelectorAll("details")];
  const before = details.map((each) => each.open);
  page.querySelectorAll("svg a")[0].dispatchEvent(new MouseEvent("click", {{bubbles: true, cancelable: true}}));
  setTimeout(() => {{
    const said = {{
      title: page.title, width: page.documentElement.scrollWidth, text: page.body.innerText, open: before,
      nodes: page.querySelectorAll("svg circle").length, opened: details[0].open,
      inside: page.querySelectorAll(".inside")[0].offsetHeight > 0,
      colour: getComputedStyle(page.querySelector("svg circle.bad")).fill,
      requests: frames[0].performance.getEntriesByType("resource").length,
    }};
    document.body.textContent = "SAID" + JSON.stringify(said) + "DONE";
  }}, 500);
}};
</script>"""


@pytest.fixture(scope="session")
def browser() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"needs a browser: one of {', '.join(NAMES)}")
    return found


@pytest.fixture
def page(project: Project) -> Path:
    add(project, "sqlite_ops", "b2", ADD, "pass")
    add(project, "sqlite_ops", "c3", "pass", "pass", parent="b2", top='lossy = "<b>not</b> & so"')
    done = project.invoke("roundtrip", "--db", "sqlite_ops", "--html", "page.html")
    assert done.stdout.endswith("Page: page.html\n")
    return project.root / "page.html"


def look(browser: str, page: Path, width: int) -> dict[str, object]:
    probe = page.with_name("probe.html")
    probe.write_text(PROBE.format(width=width), encoding="utf-8")
    profile = page.with_name("profile")
    flags = [*FLAGS, "--allow-file-access-from-files", f"--user-data-dir={profile}"]
    dom = subprocess.run(
        [browser, *flags, "--dump-dom", probe.as_uri()], capture_output=True, text=True, encoding="utf-8", check=True
    )
    found = re.search("SAID(.*)DONE", dom.stdout, re.DOTALL)
    assert found, dom.stdout + dom.stderr
    said: dict[str, object] = json.loads(html.unescape(found.group(1)))
    return said


@pytest.mark.parametrize("width", [360, 1200])
def test_browser_shows_the_chain_the_verdicts_and_what_is_wrong(browser: str, page: Path, width: int) -> None:
    said = look(browser, page, width)
    assert said["title"] == "Round trip: 2 of 3 revisions broken, 1 other fault"
    assert said["nodes"] == 3
    assert said["open"] == [False, True, True]
    assert (said["opened"], said["inside"]) == (True, True)
    assert said["colour"] in {"rgb(207, 34, 46)", "rgb(248, 81, 73)"}
    assert isinstance(said["width"], int)
    assert said["width"] <= width, "something is wider than the window"
    text = str(said["text"])
    assert "downgrade: column job_user_info.nick: unexpected" in text
    assert "+ column job_user_info.nick varchar(20)" in re.sub(r" +", " ", text)
    assert "<b>not</b> & so" in text


def test_page_loads_nothing_and_runs_nothing(browser: str, page: Path) -> None:
    assert look(browser, page, 1200)["requests"] == 0
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert not re.findall(r'(?:src|href)="(?!#)', text)
    assert "url(" not in text
