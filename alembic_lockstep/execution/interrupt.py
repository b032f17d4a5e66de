"""How a worker hears that it should stop after the revision that is running."""

from __future__ import annotations

import threading

STOP = threading.Event()
"""Set when the command that waits for the worker is gone."""
