"""What one iteration of MAML, FO-MAML and HF-MAML costs, as a function of the number d of parameters.

Fallah, Mokhtari, Ozdaglar 2020, Table 1, column "Runtime/iteration", and footnote 3: O(d^2) for MAML, O(d) for FO-MAML and HF-MAML, and
O(d) for MAML too on neural network classifiers with back propagation.

Measured by counting, while each method runs, the entries that its arithmetic works on, per task. On losses that are a sum over
coordinates a gradient costs O(d), and the printed orders are attained where MAML forms its Hessian. With products of the Hessian and
a vector MAML costs O(d) as well: on these losses, and on a network by back propagation. Where a gradient costs d^2, as on losses
with a dense rotation, no method costs O(d): the column supposes that a gradient costs O(d).

Known limits: one data point a batch; d up to 256, with Hessians 128; arithmetic is counted, not time; one hidden layer, which grows
in width.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from sympy import symbols

from impl.operation_count import operations
from impl.stochastic_maml import fo_maml_directions, hf_maml_directions, maml_directions, printed_delta
from lakatos import Rate, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.losses_of_any_dimension import SIZES, dense, networks, separable

d, width = symbols("d width", positive=True)
table = partial(claim, PAPER, "Table 1", entry="tab-1-runtime", left=r"\text{entries per task and iteration}")
linear, quadratic = partial(table, right=d), partial(table, right=d**2)
OVER_D, OVER_WIDTH = (Rate("Theta", over=size, grid=SIZES, batch=2) for size in ("d", "width"))
BATCHES = {fo_maml_directions: ("inner", "outer")}


def cost(method: Any, tasks: Any, w: Any, alpha: Any, **more: Any) -> Any:
    """Entries that one iteration works on, per task, for one data point in each batch."""
    batch, count = tasks.weights.shape
    names = BATCHES.get(method, ("inner", "outer", "hessian"))
    first = torch.zeros(batch, count, 2, dtype=w.dtype) + torch.tensor([1.0, 0.0], dtype=w.dtype)
    entries = operations(lambda: method(tasks, w, alpha, **dict.fromkeys(names, first), **more))
    return torch.full((batch,), entries / (batch * count), dtype=w.dtype)


@quadratic(Rate("Theta", over="d", grid=SIZES[:-1], batch=2), variant="printed-maml", on=separable)
def maml(tasks: Any, w: Any, alpha: Any) -> Any:
    """MAML as described, with its Hessian, costs of the order d^2."""
    return cost(maml_directions, tasks, w, alpha, explicit_hessian=True)


@linear(OVER_D, variant="printed-fo-maml", on=separable)
def fo_maml(tasks: Any, w: Any, alpha: Any) -> Any:
    """FO-MAML costs of the order d."""
    return cost(fo_maml_directions, tasks, w, alpha)


@linear(OVER_D, variant="printed-hf-maml", on=separable)
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
