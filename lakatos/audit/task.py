"""One piece of an audit's work: a shard's hunt, or the power of a claim's check."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakatos.audit.plan import Shard, Target

if TYPE_CHECKING:
    from lakatos.claims import Claim

Tell = Callable[[str, int, "float | None", str], None]
"""Told the claim's id, the instances so far, the worst ratio so far, and the phase."""


@dataclass(frozen=True)
class Task:
    """What a process is given.

    Parameters
    ----------
    target, shard:
        The claim, and the part of its budget to run; without a shard its power is scored.
    device:
        Where it is evaluated.
    start, report:
        The folder that the command was started in, and the report that the replay command will name.
    """

    target: Target
    shard: Shard | None
    device: str
    start: Path
    report: str


@functools.cache
def _claims(file: Path) -> dict[str, Claim]:
    from lakatos.power.catalogue import load

    return {claim.id: claim for claim in load(file)}


def run(task: Task, tell: Tell) -> dict[str, Any]:
    """The record of a shard, or the score of a claim. Whatever a claim's code raises ends up in its record."""
    claim = _claims(task.target.file)[task.target.id]
    if task.shard is None:
        from lakatos.power.score import score

        return score(claim, progress=lambda claim, done, of: tell(claim.id, done, None, f"variant {done}/{of}")).as_data()

    from lakatos.errors import ClaimError
    from lakatos.hunting import hunt
    from lakatos.records import now, record_of, replay_command, shown_path, undecided

    shard, error = task.shard, None
    started, clock = now(), time.perf_counter()
    try:
        verdict = hunt(
            claim,
            profile=shard.profile,
            seed=shard.seed,
            device=task.device,
            progress=lambda claim, instances, worst, phase: tell(claim.id, instances, worst, phase),
        )
    except Exception as raised:
        error = type(raised).__name__
        words = str(raised) if isinstance(raised, ClaimError) else f"{error}: {raised}"
        verdict = replace(undecided(words), seed=shard.seed, device=task.device)
    file = shown_path(task.target.file, task.start)
    nodeid = f"{file}::{claim.name}"
    return record_of(
        claim,
        verdict,
        nodeid=nodeid,
        file=file,
        replay=replay_command(nodeid, task.report),
        profile=shard.profile.name,
        started=started,
        seconds=time.perf_counter() - clock,
        error=error,
    )
