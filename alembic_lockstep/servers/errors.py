"""Errors about servers."""

from __future__ import annotations


class NoServerError(Exception):
    """No server can be used; the text gives the reason for each way to get one."""
