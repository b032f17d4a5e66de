"""Waiting for what another process does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def wait_until(happens: Callable[[], Any], what: str, seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < give_up, f"waited {seconds} s until {what}"
        time.sleep(0.05)
