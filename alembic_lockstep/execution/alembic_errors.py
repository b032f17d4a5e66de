"""What Alembic says of a revision that a database cannot go to, in this tool's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic_lockstep.project.targets import Target

_RELATIVE = re.compile(r"Relative revision ([+-]?\d+) didn't produce")
_OVERLAP = re.compile(r"Requested revision (\w+) overlaps with other requested revisions (.+)")


def words(error: Exception, target: Target, asked: str, step: str) -> str:
    """Return why a database cannot go to a revision, in one sentence that begins with the target.

    Args:
        error: what Alembic raised when it looked for the steps: a CommandError, or an AssertionError, by which some of
            its functions refuse what leads out of a chain.
        target: whose chain it is.
        asked: the revision that the user gave, such as `head` or `-1`.
        step: `upgrade` or `downgrade`.
    """
    return f"{target.name}: {reason(error, asked, step)}"


def reason(error: Exception, asked: str, step: str) -> str:  # noqa: PLR0911 - one for each of its messages
    """Return the same without the target."""
    text = str(error)
    if text.startswith("Can't locate revision"):
        return _not_found(text.rpartition(" by ")[2].strip("'"), str(error.__cause__))
    relative = _RELATIVE.match(text)
    if relative:
        return too_far(int(relative[1]), step)
    if not text or text.startswith("Walked too far"):
        return f"{asked} is not in the chain: it leads beyond its first or its last revision."
    if "not a valid downgrade target" in text:
        return f"{asked} is not below the revision that the database is at; a downgrade cannot go there."
    if text.startswith("Ambiguous"):
        return f"{asked} may mean several revisions, since branches meet here. Give a revision id."
    overlap = _OVERLAP.match(text)
    if overlap:
        return (
            f"the database is at {overlap[1]} and at {overlap[2]} at once, and one of them comes before the other. "
            "Something else than migrations has changed its version table."
        )
    return text


def _not_found(name: str, why: str) -> str:
    if why.startswith("Multiple revisions start with"):
        found = re.findall(r"'(\w+)'", why)[1:]
        return f"several revisions begin with {name}: {', '.join(found)}. Give more of the id."
    return (
        f"the chain has no revision {name}. Give an id or at least its first four characters, `head`, `base`, or a "
        "number of revisions such as +1 or -1."
    )


def too_far(number: int, step: str) -> str:
    """Return why a database cannot go so many revisions up (or down, if negative)."""
    if number == 0:
        return "0 revisions are nowhere to go."
    if (number > 0) != (step == "upgrade"):
        other = "downgrade" if step == "upgrade" else "upgrade"
        return f"{number:+} leads {'up' if number > 0 else 'down'}: that is for invoke {other}."
    count = abs(number)
    if step == "upgrade":
        return f"there {_are(count)} left to apply. `head` goes to the last one."
    return f"there {_are(count)} applied. `base` takes back all of them."


def _are(count: int) -> str:
    return "is no revision" if count == 1 else f"are fewer than {count} revisions"
