"""URLs that somebody has typed."""

from __future__ import annotations

import sqlalchemy as sa


def literal_url(text: str) -> sa.URL:
    """Return the URL that a text is.

    Raises:
        ValueError: it is none. The error does not repeat the text, which may hold a password.
    """
    if text.count("@") > 1:  # what follows the first one would be shown as the host
        raise ValueError("a @ in a name or password is written as %40")
    try:
        return sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError("no URL such as mysql://user:password@host:3306/") from None
