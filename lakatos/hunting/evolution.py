"""Search without gradients, for measured sides that are not differentiable: CMA-ES in the space of latents.

N. Hansen, The CMA Evolution Strategy: A Tutorial (2016), in its authors' own implementation, pycma.
"""

from __future__ import annotations

import warnings

import numpy as np
import torch

from lakatos.families import Sample
from lakatos.hunting.ledger import Ledger, resample, restricted

# Latents of typical instances are of order one.
FIRST_STEP = 0.5
WORST = 1e12


def evolve(ledger: Ledger, starts: Sample, generations: int, generator: torch.Generator, name: str = "evolution") -> None:
    """Evolve a population of the size of ``starts`` from its first row, the closest instance known of its structure.

    Coordinates at a closed end of their domain have an infinite latent; they stay where they are.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses its plotting library, which nothing here needs
        import cma

    latents = {n: starts.domains[n].to_latent(v[:1]) for n, v in starts.primitives.items()}
    origin = torch.cat([v.reshape(-1) for v in latents.values()]).cpu()
    free = torch.isfinite(origin)
    population = next(iter(starts.primitives.values())).shape[0]
    if int(free.sum()) < 2:
        return  # pycma needs two coordinates, and one is well covered by the batches
    noise = np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator, device=generator.device)))
    options = {
        "popsize": population, "maxiter": generations, "verbose": -9, "seed": np.nan,
        "randn": lambda *shape: noise.standard_normal(shape), "tolfun": 0, "tolx": 0, "tolflatfitness": generations,
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        strategy = cma.CMAEvolutionStrategy(origin[free].numpy(), FIRST_STEP, options)
        for _ in range(generations):
            asked = strategy.ask()
            sample = _as_sample(starts, latents, origin, free, torch.tensor(np.stack(asked)))
            with torch.no_grad():
                evaluation = resample(ledger.claim, sample)
                score = ledger.kind.score(evaluation.left, evaluation.right).amax(-1).masked_fill(~evaluation.valid, -WORST)
            ledger.add(evaluation, name, searching=True)
            strategy.tell(asked, (-torch.nan_to_num(score, nan=-WORST, posinf=WORST, neginf=-WORST)).cpu().tolist())


def _as_sample(
    starts: Sample, latents: dict[str, torch.Tensor], origin: torch.Tensor, free: torch.Tensor, asked: torch.Tensor
) -> Sample:
    """A population of latent vectors ``(population, free coordinates)`` as a batch of instances."""
    rows = origin.expand(len(asked), -1).clone()
    rows[:, free] = asked.clamp(-50, 50)
    primitives, place = {}, 0
    for name, value in latents.items():
        block = rows[:, place : place + value.numel()].reshape(len(asked), *value.shape[1:]).to(value.device)
        primitives[name] = starts.domains[name].from_latent(block)
        place += value.numel()
    return restricted(starts, primitives)
