"""Where a run of expected updates stays: tasks, a point, and what the three methods do there.

Infinitely many tasks and outer samples per iteration make an update deterministic. Where it is zero, a run that starts there stays,
and whichever iterate the method is said to find, best, last or drawn, has the gradient of F at that point. With B tasks and D_o outer
samples the mean update is the same and its errors vanish as B grows, so that the first k iterates stay as near as one likes, for any k.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from exactarray import namespace, norm
from impl.balanced_tasks import largest_gradient_gap, with_parabola
from impl.expectations import repeated
from impl.maml import expected_gradient_norm, meta_gradient
from impl.noisy_tasks import NoisyTasks, Perturbations
from impl.smooth_tasks import SplineTasks
from impl.stochastic_maml import mean_direction, printed_delta
from impl.stochastic_maml_runs import expected_directions, expected_update


@dataclass(frozen=True)
class AtRest:
    """Tasks with a point ``w`` of shape ``(batch, 1)``, and the parameters of a run of expected updates from there.

    HF-MAML takes its differences with the printed delta times ``eta``.
    """

    data: NoisyTasks
    w: Any
    alpha: Any
    L: Any
    rho: Any
    D_in: int
    eta: Any

    def moved(self, w: Any) -> AtRest:
        """The same tasks and parameters at another point."""
        return replace(self, w=w)

    def directions(self, method: str) -> Any:
        """Expected directions of the tasks at ``w``, ``(batch, tasks, 1)``."""
        return expected_directions(method, self.data, self.w, self.alpha, self.D_in, self._delta)

    def mean_direction(self, method: str) -> Any:
        """The expected direction at ``w``, ``(batch, 1)``."""
        return mean_direction(self.directions(method), self.data.weights)

    def after_an_update(self, method: str) -> Any:
        """The point after an expected update with the printed step size."""
        smoothness = 4 * self.L + 2 * self.rho * self.alpha * expected_gradient_norm(self.data.tasks, self.w)
        return expected_update(method, self.data, self.w, self.alpha, self.D_in, smoothness, self._delta)

    def gradient(self) -> Any:
        """``||grad F(w)||``."""
        return norm(meta_gradient(self.data.tasks, self.w, self.alpha))

    def gradient_after_an_update(self, method: str) -> Any:
        """``||grad F||`` after an expected update: at a point at rest, after any number of them."""
        return self.moved(self.after_an_update(method)).gradient()

    def _delta(self, v: Any) -> Any:
        times = v.shape[0] // self.alpha.shape[0]
        rho, alpha, eta = (repeated(x, times) for x in (self.rho, self.alpha, self.eta))
        return eta[:, None] * printed_delta(rho, alpha, v)


def with_noise(tasks: SplineTasks, deviation: Any) -> NoisyTasks:
    """Two data points, whose gradients deviate from that of the task by ``deviation`` and its opposite."""
    xp, unit = namespace(deviation), 0 * tasks.slope + 1
    linear = unit * deviation[:, None, None]
    noise = Perturbations(
        chances=xp.stack([unit[..., 0], unit[..., 0]], axis=-1) / 2,
        linear=xp.stack([linear, -linear], axis=2),
        bent=0 * xp.stack([linear, linear], axis=2),
        centre=0 * unit,
        width=unit,
    )
    return NoisyTasks(tasks, noise)


def balanced(method: str, spline: SplineTasks, alone: AtRest, root_of_odds: Any) -> dict[str, Any]:
    """A spline and the parabola that keeps ``alone.w`` at rest, and every quantity of the bounds.

    The parabola has the second derivative of the spline far out; the odds of the tasks are a square, so that sigma is rational.
    """
    drift = alone.directions(method)[:, 0, 0]
    left, odds = 1 - alone.alpha * spline.heights[:, 0, 0, 0], root_of_odds**2
    tasks = with_parabola(spline, odds, alone.w[:, 0], -odds * drift / (left if method == "fo-maml" else left**2))
    deviation = alone.data.noise.linear[:, 0, 0, 0]
    return {
        "rest": replace(alone, data=with_noise(tasks, deviation)), "alpha": alone.alpha, "L": alone.L, "rho": alone.rho,
        "D_in": alone.D_in, "sigma": largest_gradient_gap(tasks) * root_of_odds / (1 + odds), "sigma_tilde": deviation,
    }  # fmt: skip
