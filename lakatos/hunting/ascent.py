"""Gradient ascent on the score, from many starts at once, in the space of unconstrained latents.

Random batches do not find a bound that is wrong by a few per cent in ten dimensions; the gradient does, in milliseconds.
"""

from __future__ import annotations

from typing import Any

import torch

from lakatos.claims import Claim
from lakatos.evaluation import Evaluation
from lakatos.families import Sample
from lakatos.hunting.context import Context
from lakatos.hunting.ledger import Candidate, Ledger, resample, restricted
from lakatos.hunting.sources import RandomSource
from lakatos.kinds.pointwise import Pointwise

LEARNING_RATE = 0.1
# Latents beyond this give overflowing or vanishing primitives, from which no gradient leads back.
LATENT_BOUND = 50.0
EXAMINE_EVERY = 10
# On the way an instance is looked into when it comes closer by so much; at the end whatever it gains.
ON_THE_WAY = 1e-3


def score_of(claim: Claim, evaluation: Evaluation) -> torch.Tensor:
    """Differentiable score ``(batch,)``."""
    assert isinstance(claim.kind, Pointwise)
    return claim.kind.score(evaluation.left, evaluation.right).amax(-1)


def climb(ledger: Ledger, starts: Sample, steps: int, name: str = "ascent") -> bool:
    """Climb from every row of ``starts`` by Adam, whose steps are scaled per instance and coordinate.

    Returns False where there is no gradient to climb along: a measured side that is not differentiable, or constant by pieces.

    Primitives at a closed end of their domain have an infinite latent and stay there: an ascent moves along the faces on
    which it starts.
    """
    # All latents in one array: a step of Adam is then a few operations, however many primitives there are.
    flat = [starts.domains[n].to_latent(v.detach()).reshape(len(v), v[0].numel()) for n, v in starts.primitives.items()]
    latent = torch.cat(flat, dim=1)
    first, second = torch.zeros_like(latent), torch.zeros_like(latent)
    for step in range(1, steps + 1):
        leaf = latent.detach().requires_grad_(True)
        evaluation = resample(ledger.claim, restricted(starts, _primitives(starts, leaf)))
        last = step == steps
        examine, news = last or step % EXAMINE_EVERY == 0, 0.0 if last else ON_THE_WAY
        ledger.add(evaluation, name, examine=examine, searching=True, news=news)
        climbing = score_of(ledger.claim, evaluation)
        usable = torch.isfinite(climbing) & evaluation.valid
        if not climbing.requires_grad or not bool(usable.any()):
            return step > 1
        (gradient,) = torch.autograd.grad(climbing[usable].sum(), [leaf], allow_unused=True)
        if gradient is None or (step == 1 and not bool((gradient != 0).any())):
            return step > 1
        g = torch.nan_to_num(gradient, nan=0.0, posinf=0.0, neginf=0.0)
        first = 0.9 * first + 0.1 * g
        second = 0.99 * second + 0.01 * g * g
        move = (first / (1 - 0.9**step)) / ((second / (1 - 0.99**step)).sqrt() + 1e-12)
        moved = (latent + LEARNING_RATE * _decay(step, steps) * move).clamp(-LATENT_BOUND, LATENT_BOUND)
        latent = torch.where(torch.isinf(latent), latent, moved)
    return True


def _primitives(starts: Sample, latent: torch.Tensor) -> dict[str, torch.Tensor]:
    """The primitives of ``starts`` at latents ``(rows, all their entries)``."""
    parts = torch.split(latent, [v[0].numel() for v in starts.primitives.values()], dim=1)
    shaped = ((n, part.reshape(v.shape)) for (n, v), part in zip(starts.primitives.items(), parts, strict=True))
    return {n: starts.domains[n].from_latent(part) for n, part in shaped}


def _decay(step: int, steps: int) -> float:
    """Full steps first, a tenth at the end: far at first, exact at last."""
    return max(0.1, 1 - step / steps)


def starting_points(ledger: Ledger, context: Context, like: Sample, count: int, stage: str) -> Sample:
    """The best instances of a structure so far, filled up with random ones of the same structure."""
    source = RandomSource(count, context.generator(stage), context.chooser(stage), like.structure)
    _, fresh = ledger.claim.on.build(source)
    best: list[Candidate] = ledger.best_of(like)[: count // 2]
    primitives: dict[str, Any] = {}
    for name, value in fresh.primitives.items():
        rows = [c.sample.primitives[name] for c in best]
        primitives[name] = torch.cat([*rows, value[: count - len(rows)]]) if rows else value
    return Sample(fresh.structure, fresh.choices, primitives, fresh.domains)
