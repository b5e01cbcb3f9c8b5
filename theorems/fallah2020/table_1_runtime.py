"""What one iteration of MAML, FO-MAML and HF-MAML costs, as a function of the number d of parameters.

Fallah, Mokhtari, Ozdaglar 2020, Table 1, column "Runtime/iteration", and footnote 3: O(d^2) for MAML, O(d) for FO-MAML and HF-MAML, and
O(d) for MAML too on neural network classifiers with back propagation.

Measured by counting, while each method runs, the entries that its arithmetic works on, per task. On losses that are a sum over
coordinates a gradient costs O(d), and the printed orders are attained where MAML forms its Hessian. With products of the Hessian and
a vector MAML costs O(d) as well: on these losses, and on a network by back propagation. Where a gradient costs d^2, as on losses
with a dense rotation, no method costs O(d): the column supposes that a gradient costs O(d).

Known limits: one point of data a batch; d up to 256; arithmetic is counted, not time. A network of one hidden layer, which grows in width.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from sympy import symbols

from exactarray import eye
from impl.network_tasks import NetworkTasks
from impl.noisy_tasks import NoisyTasks, Perturbations
from impl.operation_count import operations
from impl.smooth_tasks import RidgeTasks, SplineTasks
from impl.stochastic_maml import fo_maml_directions, hf_maml_directions, maml_directions, printed_delta
from lakatos import Rate, claim, instances
from theorems.fallah2020 import PAPER

d, width = symbols("d width", positive=True)
SIZES = (8, 16, 32, 64, 128, 256)


def noisy(draw: Any, tasks: Any, dimension: int) -> dict[str, Any]:
    """The tasks with two data points each, and a point."""
    linear = draw.real("linear", 1, 2, dimension)
    zero = 0 * linear[:, :, 0]
    noise = Perturbations.centred(chances=zero[..., :2] + 1 / 2, linear=linear, bent=0 * linear, centre=zero, width=zero + 1)
    return {"tasks": NoisyTasks(tasks, noise), "w": draw.real("w", dimension), "alpha": draw.positive("alpha")}


@instances()
def separable(draw: Any) -> dict[str, Any]:
    """A spline along every axis."""
    size = draw.option("d", list(SIZES))
    slope = draw.real("slope", 1, size)
    heights, gaps = draw.real("heights", 1, size, 2), draw.positive("gaps", 1, size, 1)
    return noisy(draw, SplineTasks(0 * slope[..., 0] + 1, 0 * slope, gaps, heights, slope), size)


@instances()
def dense(draw: Any) -> dict[str, Any]:
    """A sine along every axis of a dense rotation."""
    size = draw.option("d", list(SIZES))
    u, slope = draw.unit("axis", size), draw.real("slope", 1, size)
    mirror = eye(size, u) - 2 * u[:, :, None] * u[:, None, :]
    fields = dict.fromkeys(("curvature", "amplitude", "frequency", "phase"), 0 * slope + 1)
    ridges = RidgeTasks(weights=0 * slope[..., 0] + 1, axes=mirror[:, None], slope=slope, profile="sin", **fields)
    return noisy(draw, ridges, size)


@instances()
def networks(draw: Any) -> dict[str, Any]:
    """A network of growing width on three inputs."""
    hidden, inputs = draw.option("width", list(SIZES)), draw.real("inputs", 1, 2, 3)
    model = NetworkTasks(0 * inputs[..., 0, 0] + 1, inputs, draw.sign("labels", 1, 2), hidden)
    return {"tasks": model, "w": draw.real("w", model.dimension), "alpha": draw.positive("alpha")}


table = partial(claim, PAPER, "Table 1", entry="tab-1-runtime", left=r"\text{entries per task and iteration}")
linear, quadratic = partial(table, right=d), partial(table, right=d**2)
OVER_D, OVER_WIDTH = (Rate("Theta", over=size, grid=SIZES, batch=2) for size in ("d", "width"))


def cost(method: Any, tasks: Any, w: Any, alpha: Any, **more: Any) -> Any:
    """Entries that one iteration works on, per task, for one data point in each batch."""
    batch, count = tasks.weights.shape
    names = ["inner", "outer"] + ["hessian"] * (method is not fo_maml_directions)
    first = torch.zeros(batch, count, 2, dtype=w.dtype) + torch.tensor([1.0, 0.0], dtype=w.dtype)
    entries = operations(lambda: method(tasks, w, alpha, **dict.fromkeys(names, first), **more))
    return torch.full((batch,), entries / (batch * count), dtype=w.dtype)


@quadratic(OVER_D, variant="maml", on=separable)
def maml(tasks: Any, w: Any, alpha: Any) -> Any:
    """MAML as described, with its Hessian, costs of the order d^2."""
    return cost(maml_directions, tasks, w, alpha, explicit_hessian=True)


@linear(OVER_D, variant="fo-maml", on=separable)
def fo_maml(tasks: Any, w: Any, alpha: Any) -> Any:
    """FO-MAML costs of the order d."""
    return cost(fo_maml_directions, tasks, w, alpha)


@linear(OVER_D, variant="hf-maml", on=separable)
def hf_maml(tasks: Any, w: Any, alpha: Any) -> Any:
    """HF-MAML costs of the order d."""
    return cost(hf_maml_directions, tasks, w, alpha, delta=lambda v: printed_delta(alpha, alpha, v))


@linear(OVER_D, variant="maml-with-hessian-vector-products", on=separable)
def maml_with_products(tasks: Any, w: Any, alpha: Any) -> Any:
    """MAML costs of the order d where products of the Hessian and a vector do."""
    return cost(maml_directions, tasks, w, alpha)


@table(OVER_WIDTH, variant="maml-by-back-propagation", on=networks, right=width)
def maml_by_back_propagation(tasks: Any, w: Any, alpha: Any) -> Any:
    """Footnote 3: on a neural network classifier MAML costs of the order d, with back propagation."""
    return cost(maml_directions, tasks, w, alpha)


@linear(
    Rate("O", over="d", grid=SIZES, batch=2),
    variant="fo-maml-on-dense-losses",
    on=dense,
    expect="refuted",
    reason="missing assumption",
    because="Where a gradient takes d^2 operations, so does every method: the column supposes gradients that cost O(d).",
    corrected="fo_maml",
)
def fo_maml_on_dense_losses(tasks: Any, w: Any, alpha: Any) -> Any:
    """FO-MAML on losses with a dense rotation."""
    return cost(fo_maml_directions, tasks, w, alpha)
