"""Parse the URLs that users write."""

from __future__ import annotations

import sqlalchemy as sa


def literal_url(text: str) -> sa.URL:
    """Parse a URL.

    Raises:
        ValueError: it is not a URL. The message does not repeat the text, which may contain a password.
    """
    if text.count("@") > 1:  # what follows the first @ would be shown as the host
        raise ValueError("a @ in a name or password is written as %40")
    try:
        return sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError("no URL such as mysql://user:password@host:3306/") from None
