"""The request to stop after the revision that is running."""

from __future__ import annotations

import threading

STOP = threading.Event()
"""Set when the command that waits for this process has ended or was interrupted."""
