"""What a person sees of a running audit: a bar on a terminal, a line a shard in a log."""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from lakatos.audit.task import Task
from lakatos.audit.workers import Failed
from lakatos.progress import text
from lakatos.terminal import number


class Bar:
    """Shows how many shards are done, which claims are being hunted, and how close the hunts have come."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal and not console.is_dumb_terminal
        self._progress: Progress | None = None
        self._bar: TaskID | None = None
        self._seconds: float | None = None
        self._began = time.monotonic()
        self._done = 0
        self._total: int | None = None

    def begin(self, already: int, total: int | None, seconds: float | None) -> None:
        """Starts the bar; what is recorded already counts as done."""
        self._done, self._total, self._seconds, self._began = already, total, seconds, time.monotonic()
        if already:
            self._console.print(f"{already} of {total} shards are recorded already; continuing.", highlight=False)
        if not self._live:
            return
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            *((MofNCompleteColumn(),) if seconds is None else ()),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._bar = self._progress.add_task("starting", total=total if seconds is None else seconds, completed=already)
        self._progress.start()

    def tell(self, claim_id: str, instances: int, worst: float | None, phase: str) -> None:
        """Names the claim that was last heard of."""
        if self._progress is not None and self._bar is not None:
            line = text(claim_id, instances, worst, phase, max(20, self._console.width - 60))
            self._progress.update(self._bar, description=line)
            self._advance()

    def _advance(self) -> None:
        if self._progress is not None and self._bar is not None:
            done = self._done if self._seconds is None else min(time.monotonic() - self._began, self._seconds)
            self._progress.update(self._bar, completed=done)

    def finished(self, task: Task, result: dict[str, Any] | Failed) -> None:
        """A line for a log; on a terminal only where the outcome is not the expected one."""
        self._done += task.shard is not None
        self._advance()
        what = f"shard {task.shard.index}" if task.shard is not None else "power"
        news = isinstance(result, Failed)
        if isinstance(result, Failed):
            said = result.why
        elif task.shard is None:
            said = result["note"] or f"{result['killed']}/{result['counted']} false variants refuted"
        else:
            news = not result["as_expected"]
            outcome = result["error"] or result["outcome"]
            said = outcome if result["as_expected"] else f"{outcome}, expected {result['expected']}"
            said += f", worst {number(result['margin']['worst'])}, {result['seconds']:.1f} s"
        if news or not self._live:
            count = f"{self._done}/{self._total} " if self._total is not None else ""
            style = "red" if news else None
            self._console.print(
                f"{count}{task.target.id} {what}: {said}", style=style, highlight=False, markup=False, soft_wrap=True
            )

    def end(self) -> None:
        """Takes the bar away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
