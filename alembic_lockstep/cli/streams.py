"""Standard output and error that may be closed or full: the command goes on to its end all the same, and says so."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _Steady:
    """A stream that no longer writes anything after its first failure.

    Args:
        stream: writes to the descriptor.
        closed: why it goes nowhere from the start.

    Attributes:
        error: why something was not written, None if all was.
    """

    def __init__(self, stream: TextIO, closed: OSError | None = None) -> None:
        self._stream, self._closed = stream, closed
        self.error: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        self.error = self.error or self._closed
        self._try(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        self._try(self._stream.flush)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError as error:
            self.error = self.error or error
            _to_nowhere(self._stream.fileno())  # what is in its buffer goes there when the program ends


@contextmanager
def steady() -> Iterator[Callable[[], OSError | None]]:
    """Let nothing that is printed in the block fail; provide a function that returns why standard output failed."""
    before = sys.stdout, sys.stderr
    out, err = _steady(1, sys.stdout), _steady(2, sys.stderr)
    sys.stdout, sys.stderr = cast("TextIO", out), cast("TextIO", err)
    try:
        yield lambda: out.error
    finally:
        sys.stdout, sys.stderr = before


def _steady(descriptor: int, stream: TextIO | None) -> _Steady:
    if stream is not None:
        return _Steady(stream)
    _to_nowhere(descriptor)  # so that no file that is opened later gets this number, which processes inherit
    closed = OSError(errno.EBADF, "it is closed")
    return _Steady(open(descriptor, "w", encoding="utf-8", closefd=False), closed)


def _to_nowhere(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
    os.set_inheritable(descriptor, True)
