"""Steps of MAML, FO-MAML and HF-MAML on tasks and data points that are drawn, with a count of the points.

Fallah, Mokhtari, Ozdaglar 2020, Algorithms 1 to 3 as they run: B tasks with replacement, and for each of them batches D_in, D_o and D_h of
data points, drawn independently. Floats only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from impl.checks import Shapes
from impl.noisy_tasks import NoisyTasks
from impl.stochastic_maml import fo_maml_directions, hf_maml_directions, maml_directions, mean_direction


@dataclass
class Sampler:
    """Draws tasks and data points; ``points`` counts the data points of one instance that were drawn so far."""

    generator: torch.Generator
    points: int = 0

    def choose(self, chances: Tensor, size: int) -> Tensor:
        """``size`` independent indices along the last axis with the given chances, ``(..., size)``."""
        ends = torch.cumsum(chances, dim=-1)[..., :-1].contiguous()
        drawn = torch.rand((*chances.shape[:-1], size), generator=self.generator, dtype=chances.dtype)
        return torch.searchsorted(ends, drawn, right=True)

    def data(self, chances: Tensor, size: int) -> Tensor:
        """A batch of ``size`` data points for every drawn task, as the shares of the points, ``(batch, drawn, points)``."""
        index = self.choose(chances, size)
        self.points += index[0].numel()
        return torch.zeros_like(chances).scatter_add_(-1, index, torch.ones_like(index, dtype=chances.dtype)) / size


def drawn_update(
    method: str,
    tasks: NoisyTasks,
    w: Tensor,
    alpha: Tensor,
    beta: Tensor,
    sizes: tuple[int, int, int, int],
    sampler: Sampler,
    delta: Callable[[Any], Any] | None = None,
) -> Tensor:
    """The next iterate ``(batch, d)`` of a method; FO-MAML draws no Hessian batch.

    Parameters
    ----------
    method:
        "maml" (5), "fo-maml" (8) or "hf-maml" (10).
    tasks:
        ``batch`` task sets, all of whose arrays are ``(batch, tasks, ...)``.
    w, alpha, beta:
        Iterates ``(batch, d)``, inner step sizes and step sizes ``(batch,)``.
    sizes:
        ``B``, ``D_in``, ``D_o`` and ``D_h``.
    sampler:
        Draws the tasks and data points, and counts the latter.
    delta:
        For HF-MAML, as in :func:`impl.stochastic_maml.hf_maml_directions`.

    Raises
    ------
    ValueError
        for an unknown method, a size below one, a missing ``delta`` or a shape that does not fit.
    """
    if method not in ("maml", "fo-maml", "hf-maml"):
        raise ValueError(f"method {method!r} is unknown; there are maml, fo-maml, hf-maml")
    if min(sizes) < 1:
        raise ValueError(f"sizes are {sizes}; B, D_in, D_o and D_h must be positive integers")
    if method == "hf-maml" and delta is None:
        raise ValueError("delta is missing; HF-MAML needs the length of its difference (11)")
    Shapes()("beta", beta, f"{w.shape[0]}")
    B, D_in, D_o, D_h = sizes
    drawn = _taken(tasks, sampler.choose(tasks.weights, B))
    inner, outer = sampler.data(drawn.chances, D_in), sampler.data(drawn.chances, D_o)
    if method == "fo-maml":
        found = fo_maml_directions(drawn, w, alpha, inner=inner, outer=outer)
    else:
        hessian = sampler.data(drawn.chances, D_h)
        if method == "hf-maml" and delta is not None:
            found = hf_maml_directions(drawn, w, alpha, inner=inner, outer=outer, hessian=hessian, delta=delta)
        else:
            found = maml_directions(drawn, w, alpha, inner=inner, outer=outer, hessian=hessian)
    moved: Tensor = beta[:, None] * mean_direction(found, torch.ones_like(found[..., 0]) / B)
    return w - moved


def _taken(tasks: Any, index: Tensor) -> Any:
    """The tasks with the given indices ``(batch, drawn)``, of which one may occur several times."""
    rows = torch.arange(index.shape[0])[:, None]
    parts = {f.name: getattr(tasks, f.name) for f in fields(tasks)}
    return replace(tasks, **{name: x[rows, index] if isinstance(x, Tensor) else _taken(x, index) for name, x in parts.items()})


def one_instance(tasks: Any, b: int) -> Any:
    """Instance ``b`` of task sets, as a batch of one: instances that draw batches of different sizes are run one by one."""
    parts = {f.name: getattr(tasks, f.name) for f in fields(tasks)}
    return replace(tasks, **{name: x[b : b + 1] if isinstance(x, Tensor) else one_instance(x, b) for name, x in parts.items()})
