"""Processes that hunt. A claim that brings its process down costs itself and no other."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from lakatos.audit.task import Task, Tell, run


@dataclass(frozen=True)
class Failed:
    """Why a task has no result, in words."""

    why: str


def _death(exitcode: int | None) -> Failed:
    if exitcode is not None and exitcode < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-exitcode).name
            more = ", as the system does when memory runs out" if name == "SIGKILL" else ""
            return Failed(f"the process that ran it was ended by {name}{more}")
    return Failed(f"the process that ran it ended with exit code {exitcode}")


def _attempt(task: Task, tell: Tell) -> dict[str, Any] | Failed:
    try:
        return run(task, tell)
    except Exception as error:
        return Failed(f"{type(error).__name__}: {error}")


def _work(pipe: Connection) -> None:
    # An interruption of the terminal reaches every process; the first one decides when the others end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send(("done", _attempt(pipe.recv(), lambda *news: pipe.send(("news", news)))))


class _Worker:
    def __init__(self) -> None:
        # A forked process would share the random state and the threads of torch.
        spawn = multiprocessing.get_context("spawn")
        self.pipe, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.task: Task | None = None

    def give(self, task: Task) -> None:
        self.task = task
        with contextlib.suppress(OSError):  # its end is noticed where its answer is awaited
            self.pipe.send(task)

    def stop(self) -> None:
        self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
        self.pipe.close()


def in_processes(tasks: Iterator[Task], jobs: int, tell: Tell) -> Iterator[tuple[Task, dict[str, Any] | Failed]]:
    """Runs tasks in so many processes, and yields each with its result, or with :class:`Failed`, as they end.

    The next task is asked for when a process is free, so that an iterator may stop early.
    """
    workers: list[_Worker] = []
    try:
        more = True
        while True:
            while more and sum(worker.task is not None for worker in workers) < jobs:
                task = next(tasks, None)
                if task is None:
                    more = False
                    break
                free = next((worker for worker in workers if worker.task is None), None)
                if free is None:
                    workers.append(free := _Worker())
                free.give(task)
            busy = [worker for worker in workers if worker.task is not None]
            if not busy:
                return
            ready = wait([worker.pipe for worker in busy])
            for worker in [w for w in busy if w.pipe in ready]:
                task = worker.task
                assert task is not None
                try:
                    kind, value = worker.pipe.recv()
                except (EOFError, OSError):
                    worker.process.join(5)
                    workers.remove(worker)
                    worker.pipe.close()
                    yield task, _death(worker.process.exitcode)
                    continue
                if kind == "news":
                    tell(*value)
                else:
                    worker.task = None
                    yield task, value
    finally:
        for worker in workers:
            worker.stop()


def in_this_process(tasks: Iterator[Task], jobs: int, tell: Tell) -> Iterator[tuple[Task, dict[str, Any] | Failed]]:
    """Runs tasks one after the other, without a process of their own."""
    for task in tasks:
        yield task, _attempt(task, tell)


Runner = Callable[[Iterator[Task], int, Tell], Iterator[tuple[Task, dict[str, Any] | Failed]]]
