"""The message of a change, and its format."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from alembic_lockstep.errors import CannotRunError

LIMIT = 80
"""Longest message, in characters: it is the first line of a commit and part of a file name."""

SLUG_BYTES = 200
"""Longest slug in bytes: file names end at 255, and the revision and a suffix follow."""

TYPES = ("feat", "fix")
"""What a message can begin with, unless alembic.ini says otherwise."""

EXAMPLE = 'for example  -m "feat: add user profile table"'


@dataclass(frozen=True, slots=True)
class Message:
    """A message in the required format.

    Attributes:
        text: normalised, `feat: …` or `fix: …`.
        slug: the part of the file name that Alembic derives from it.
    """

    text: str
    slug: str


def parse(text: str | None, types: tuple[str, ...] = TYPES) -> Message:
    """Check a message and normalise it.

    Args:
        text: the value of -m; `feat add x` is read as `feat: add x`.
        types: what it can begin with.

    Raises:
        CannotRunError: the format is wrong; the error says in what way, with an example.
    """
    if not text or not text.strip():
        raise CannotRunError(f"A message is needed, {EXAMPLE}", kind="usage")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text.strip()):
        raise CannotRunError(f"The message must be one line without control characters, {EXAMPLE}", kind="usage")
    matched = re.fullmatch(rf"({'|'.join(types)})(?:\s*:|(?=\s|$))\s*(.*)", text.strip())
    if matched is None:
        raise _wrong_type(text.strip(), types)
    kind, description = matched.groups()
    if not re.search(r"\w", description):
        raise CannotRunError(f"The message needs a description in words after {kind}:, {EXAMPLE}", kind="usage")
    normal = f"{kind}: {description}"
    slug = "_".join(re.findall(r"\w+", normal)).lower()
    if len(normal) > LIMIT or len(slug.encode()) > SLUG_BYTES:
        raise CannotRunError(
            f"The message is too long: it has {len(normal)} characters ({len(slug.encode())} bytes as a file name); "
            f"the limit is {LIMIT} characters ({SLUG_BYTES} bytes), {EXAMPLE}",
            kind="usage",
        )
    return Message(text=normal, slug=slug)


def _wrong_type(text: str, types: tuple[str, ...]) -> CannotRunError:
    """Return the error for a message of another type, with the setting that would allow it."""
    *others, last = [f"{each}:" for each in types]
    allowed = f"{', '.join(others)} or {last}" if others else last
    other = re.match(r"([a-z]+)\s*:", text)
    setting = f"message_types = {', '.join([*types, other[1]])}" if other else ""
    widened = f". To allow {other[1]}: too, write  {setting}  into [DEFAULT] of alembic.ini" if other else ""
    return CannotRunError(f"The message must start with {allowed}, {EXAMPLE}{widened}", kind="usage")
