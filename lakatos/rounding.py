"""The error budget: how far rounding may have moved a float result, estimated by Monte Carlo arithmetic.

Every floating-point operation of the claim, instance family included, is run again with its result perturbed at random by a
relative amount much larger than rounding. What the perturbation does to the result, scaled back to the unit roundoff, is
what rounding does to it (D. S. Parker, Monte Carlo Arithmetic, 1997; D. Sohier et al., Confidence Intervals for Stochastic
Arithmetic, 2021). Cancellation inside the computation is seen, which a tolerance typed by hand never does.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

UNIT_ROUNDOFF = 2.0**-53
# Large against rounding, small enough for the result to respond linearly.
PERTURBATION = 2.0**-36
RUNS = 4
# The largest of four uniform perturbations, times this, exceeds the true rounding error of a run in all but about one in a
# million cases (normal deviations: the largest of four reaches half a standard deviation with probability 0.98, and the
# factor then stands for eight of them). The last word is exact arithmetic in any case.
SAFETY = 16.0

# Operations that only move or select numbers commit no rounding error.
_EXACT = {
    "view", "_unsafe_view", "reshape", "expand", "clone", "copy_", "detach", "alias", "slice", "select", "index", "gather",
    "permute", "transpose", "t", "unsqueeze", "squeeze", "cat", "stack", "where", "neg", "abs", "maximum", "minimum", "amax",
    "amin", "max", "min", "zeros_like", "ones_like", "eye", "zeros", "ones", "full", "full_like", "empty", "scalar_tensor", "sign",
    "split", "unbind", "repeat", "flip", "_to_copy", "lift_fresh", "clamp", "arange", "sort", "diagonal", "triu", "tril",
    "relu", "movedim", "as_strided", "fill_", "zero_", "masked_fill", "index_select", "new_zeros", "new_ones", "randn", "rand",
}  # fmt: skip


# Operations that round inside: their error is relative to their inputs, so that those are perturbed as well.
_INSIDE = {"mm", "bmm", "addmm", "baddbmm", "mv", "addmv", "dot", "sum", "mean", "cumsum", "var", "std", "triangular_solve"}


class Perturbed(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A context in which each float64 operation's result is multiplied by ``1 + PERTURBATION * u``, u uniform in [-1, 1]."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.generator = generator

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled here; to skip the compiler, torch would first load it, which takes a second."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        inside, exact = _rounding_of(func)
        if inside:
            args = tuple(self._shake(a) if isinstance(a, torch.Tensor) else a for a in args)
        result = func(*args, **(kwargs or {}))
        if exact:
            return result
        if isinstance(result, torch.Tensor):
            return self._shake(result)
        if isinstance(result, (tuple, list)):
            return type(result)(self._shake(r) if isinstance(r, torch.Tensor) else r for r in result)
        return result

    def _shake(self, result: torch.Tensor) -> torch.Tensor:
        if result.dtype is not torch.float64 or result.numel() == 0:
            return result
        factor = torch.empty(result.shape, dtype=torch.float64, device=result.device)
        return result * factor.uniform_(1 - PERTURBATION, 1 + PERTURBATION, generator=self.generator)


@cache
def _rounding_of(operation: Any) -> tuple[bool, bool]:
    """Whether an operation rounds inside, and whether it is exact."""
    name = operation.overloadpacket.__name__
    return name in _INSIDE or "linalg_" in name, name in _EXACT


def rounding_scale(deviation: torch.Tensor) -> torch.Tensor:
    """The rounding error that a deviation under perturbation stands for."""
    return SAFETY * deviation * (UNIT_ROUNDOFF / PERTURBATION)
