"""The hunt: spend a budget on a claim and conclude."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from lakatos.claims import Claim
from lakatos.errors import ClaimError
from lakatos.hunting import existence, limits, pointwise, rates, reproduction, sampled, trends  # noqa: F401  (each registers its rule)
from lakatos.hunting.certify import parse
from lakatos.hunting.context import Context, Progress
from lakatos.hunting.rules import decide, replay
from lakatos.kinds import OnGrid
from lakatos.profiles import Profile, get_profile
from lakatos.verdicts import Verdict
from lakatos.witnesses import WitnessError, beside, kept

__all__ = ["Context", "hunt"]


def hunt(
    claim: Claim,
    *,
    profile: str | Profile = "gate",
    seed: int | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
    witness: Mapping[str, Any] | None = None,
    first: bool = False,
) -> Verdict:
    """Try to refute a claim.

    Parameters
    ----------
    claim:
        What to attack.
    profile:
        How hard: a name from ``lakatos.profiles`` or a profile.
    seed:
        Start of every random stream; the profile's own by default, a fresh one where the profile has none.
    device:
        A torch device.
    progress:
        Told about ten times a second: claim, instances so far, worst ratio so far, phase.
    witness:
        Evaluate the claim on exactly this instance (values by draw name) and nothing else.
    first:
        Stop a search at the first certified refutation, neither shrunk nor made worse: for a reader who only asks whether.

    Returns
    -------
    Verdict
        outcome, warrant, margin and what they rest on.

    Raises
    ------
    ClaimError
        when the claim or its family cannot be evaluated.
    """
    if claim.witness is None:
        claim = _with_kept_witness(claim)
    budget = get_profile(profile) if isinstance(profile, str) else profile
    if seed is None:
        seed = budget.seed if budget.seed is not None else secrets.randbits(48)
    started = time.monotonic()
    # Two threads on a busy machine of two cores run ten times slower than one; parallelism comes from processes.
    torch.set_num_threads(1)
    context = Context(claim, budget, seed, torch.device(device), progress, first)
    if witness is not None:
        verdict = replay(claim.kind, context, witness)
    else:
        verdict = decide(claim.kind, context)
    verdict.seed, verdict.device, verdict.seconds = seed, str(device), time.monotonic() - started
    return verdict


def _with_kept_witness(claim: Claim) -> Claim:
    """The claim with the witness that an earlier run left beside its theorem file, if one did."""
    try:
        values = kept(claim.file, claim.id)
    except WitnessError as error:
        raise ClaimError(str(error)) from None
    if values is None:
        return claim
    kind = claim.kind
    try:
        if isinstance(kind, OnGrid):
            parse(claim, {kind.over: kind.grid[0], **values}, kind.over)
        else:
            parse(claim, values)
    except ClaimError as error:
        raise ClaimError(f"{error} It is kept in {beside(claim.file)}; if the family has changed, delete the entry.") from None
    return replace(claim, witness=values)
