"""The live line of a running hunt: which claim, how many instances, the worst ratio so far."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from lakatos.terminal import number

if TYPE_CHECKING:
    import pytest

_SAVE, _RESTORE, _CLEAR = "\x1b7", "\x1b8", "\x1b[K"
_LEAST = 10


def text(name: str, instances: int, worst: float | None, phase: str, room: int) -> str:
    """The line in at most ``room`` columns. The phase goes first when there is little, then the end of the name.

    ``name`` is empty where the claim's name stands on the line already.
    """
    short = f"{instances:,}, worst {number(worst)}"
    counts = f"{instances:,} instances, worst {number(worst)}"
    start = f"{name}: " if name else ""
    lines = [f"{start}{phase}, {counts}", f"{start}{counts}", f"{start}{short}"]
    left = room - len(short) - 4
    if name and left >= 6:
        lines.append(f"{name[:left]}..: {short}")
    lines += [short, f"{instances:,}"]
    return next((line for line in lines if len(line) <= room), "")


class Progress:
    """Writes the live line after pytest's own text and takes it away again, so that the dots and names stay as they are.

    Does nothing unless the output is a terminal that understands cursor movements.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        self._capture: Any = config.pluginmanager.get_plugin("capturemanager")
        self.live = (
            self._reporter is not None
            and not hasattr(config, "workerinput")
            and bool(getattr(self._reporter, "isatty", False))
            and os.environ.get("TERM", "") not in ("", "dumb")
        )
        # With -v pytest has written the claim's name.
        self._named = bool(config.get_verbosity() > 0) if self.live else False
        self._drawn = False

    def __call__(self, claim: Any, instances: int, worst: float | None, phase: str) -> None:
        """What :func:`lakatos.hunting.hunt` calls about ten times a second."""
        if not self.live:
            return
        writer = self._reporter._tw
        room = writer.fullwidth - writer.width_of_current_line - 2
        line = text("" if self._named else claim.name, instances, worst, phase, room) if room >= _LEAST else ""
        self._write(f"{_SAVE} {line}{_CLEAR}{_RESTORE}")
        self._drawn = True

    def clear(self) -> None:
        """Takes the line away."""
        if self._drawn:
            self._write(_CLEAR)
            self._drawn = False

    def _write(self, raw: str) -> None:
        # Straight to the file: the writer would count the invisible characters as columns of pytest's own line.
        released = self._capture.global_and_fixture_disabled() if self._capture else contextlib.nullcontext()
        with released, contextlib.suppress(OSError, ValueError):
            self._reporter._tw._file.write(raw)
            self._reporter._tw._file.flush()
