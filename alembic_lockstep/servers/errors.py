"""What can be wrong with a server."""

from __future__ import annotations


class NoServerError(Exception):
    """No server serves; the text names each way to one and why it does not."""
