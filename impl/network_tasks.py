"""Binary classification with a small neural network, whose derivatives come from back propagation."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from impl.checks import Shapes


@dataclass(frozen=True)
class NetworkTasks:
    """Logistic loss of ``x -> sum_j a_j tanh(u_j . x)`` with parameters ``w = (u_1, .., u_h, a)``, ``d = h (n + 1)``.

    Gradients and Hessian-vector products are those of :class:`impl.stochastic_maml.StochasticTasks`, by automatic differentiation:
    on float tensors only.

    Parameters
    ----------
    weights:
        Task probabilities ``(batch, tasks)``.
    inputs, labels:
        Data points ``(batch, tasks, points, n)`` and their classes -1 or 1, ``(batch, tasks, points)``.
    hidden:
        The number ``h`` of hidden units.

    Raises
    ------
    ValueError
        when shapes disagree, or there is no hidden unit.
    """

    weights: torch.Tensor
    inputs: torch.Tensor
    labels: torch.Tensor
    hidden: int

    def __post_init__(self) -> None:
        shapes = Shapes()
        shapes("inputs", self.inputs, "batch tasks points n", least=1)
        shapes("labels", self.labels, "batch tasks points")
        shapes("weights", self.weights, "batch tasks")
        if self.hidden < 1:
            raise ValueError(f"hidden is {self.hidden}; the network needs at least one hidden unit")

    @property
    def dimension(self) -> int:
        """Number ``d`` of parameters."""
        return self.hidden * (self.inputs.shape[-1] + 1)

    def value(self, w: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
        """Losses on data with the given shares ``(batch, tasks, points)``: ``(batch, tasks)`` at ``w: (batch, tasks, d)``."""
        shapes = Shapes()
        shapes("w", w, f"{self.weights.shape[0]} {self.weights.shape[1]} {self.dimension}")
        shapes("shares", shares, " ".join(str(n) for n in self.labels.shape))
        first, last = w[..., : -self.hidden], w[..., -self.hidden :]
        units = torch.tanh(self.inputs @ first.reshape(*w.shape[:2], self.hidden, -1).mT)
        margins = self.labels * (units @ last[..., None])[..., 0]
        return (shares * torch.nn.functional.softplus(-margins)).sum(-1)

    def gradient(self, w: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
        """``g~_i(w_i, D_i)``, ``(batch, tasks, d)``, by one back propagation."""
        with torch.enable_grad():
            at = w.detach().requires_grad_()
            return torch.autograd.grad(self.value(at, shares).sum(), at)[0]

    def hessian_vector(self, w: torch.Tensor, v: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
        """``H~_i(w_i, D_i) v_i``, ``(batch, tasks, d)``, by back propagation through a gradient (Pearlmutter 1994)."""
        with torch.enable_grad():
            at = w.detach().requires_grad_()
            (gradient,) = torch.autograd.grad(self.value(at, shares).sum(), at, create_graph=True)
            return torch.autograd.grad((gradient * v).sum(), at)[0]
