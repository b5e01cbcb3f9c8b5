"""Instance families: tasks and a point at which the expected update of a method is zero.

A run of expected updates (infinitely many tasks and outer samples per iteration) that starts there stays there: whichever iterate
the method is said to find, it has the gradient of F at that point. A run with B tasks and D_o outer samples has the same mean
update, with errors that vanish as B grows, so that its first k iterates stay as near to that point as one likes, for any k.

``balanced`` tasks are a bent spline and a parabola, on a line; their L, rho and sigma are exact, and the second derivative of both
is one positive number far out, so that F is bounded below. ``opposed`` tasks have opposite second derivatives everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sympy import Rational, symbols

from exactarray import amax, namespace, norm
from impl.balanced_tasks import largest_gradient_gap, with_parabola
from impl.expectations import repeated
from impl.maml import expected_gradient_norm, meta_gradient
from impl.noisy_tasks import NoisyTasks, Perturbations
from impl.smooth_tasks import SplineTasks
from impl.stochastic_maml import mean_direction, printed_delta
from impl.stochastic_maml_runs import expected_directions, expected_update
from lakatos import fix, instances, when
from lakatos.families import Family

L, alpha = symbols("L alpha", nonnegative=True)
LONGEST_STEP = {"maml": 6, "fo-maml": 10, "hf-maml": 6}

STRATA = {
    "alpha at its end": fix(alpha_share=1),
    "no data noise": fix(deviation=0),
    "equal Hessians": fix(bend=0),
    "one inner sample": fix(D_in=1),
    "hard bend": when(lambda rho, alpha, L: rho * alpha > 10 * L),
}


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


def _with_noise(tasks: SplineTasks, deviation: Any) -> NoisyTasks:
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


def _balanced(draw: Any, method: str, eta: Any) -> dict[str, Any]:
    pieces, inner = draw.integer("pieces", 2, 3), draw.option("D_in", [1, 2, 4])
    far, bend = draw.positive("far_height")[:, None], draw.real("bend", pieces - 1)
    xp = namespace(far)
    heights = xp.concat([far, far + bend, far], axis=-1)
    spline = SplineTasks(
        weights=far / far,
        start=-draw.real("start", 1, 1),
        gaps=draw.positive("gaps", 1, 1, pieces),
        heights=heights[:, None, None, :],
        slope=draw.real("slope", 1, 1),
    )
    constant, rho = amax(abs(heights), axis=-1), spline.lipschitz_hessian[:, 0]
    alpha = draw.interval("alpha_share", 0, 1, closed="right") / (LONGEST_STEP[method] * constant)
    w, deviation = 0 * far, draw.nonnegative("deviation")
    alone = AtRest(_with_noise(spline, deviation), w, alpha, constant, rho, inner, eta + 0 * alpha)
    drift = alone.directions(method)[:, 0, 0]
    # The probability is chosen so that sigma is rational.
    root = draw.positive("root_of_odds")
    left = 1 - alpha * far[:, 0]
    tasks = with_parabola(spline, root**2, w[:, 0], -(root**2) * drift / (left if method == "fo-maml" else left**2))
    return {
        "rest": replace(alone, data=_with_noise(tasks, deviation)),
        "alpha": alpha, "L": constant, "rho": rho, "D_in": inner, "sigma_tilde": deviation,
        "sigma": largest_gradient_gap(tasks) * root / (1 + root**2),
    }  # fmt: skip


def balanced(method: str) -> Family:
    """Tasks and a point where a method, with the printed delta, comes to rest; alpha up to the theorem's end."""

    def at_rest(draw: Any) -> dict[str, Any]:
        return _balanced(draw, method, 1)

    return _family(at_rest, method)


def _family(build: Callable[[Any], dict[str, Any]], method: str) -> Family:
    build.__name__ = f"{method.replace('-', '_')}_{build.__name__}"
    return instances(strata=STRATA, assume=[alpha > 0, alpha * L <= Rational(1, LONGEST_STEP[method])])(build)


def _short_differences(draw: Any) -> dict[str, Any]:
    eta = draw.interval("eta", 0, 1, closed="right")
    return {**_balanced(draw, "hf-maml", eta), "eta": eta}


MAML_AT_REST, FO_MAML_AT_REST, HF_MAML_AT_REST = (balanced(method) for method in LONGEST_STEP)
HF_MAML_WITH_SHORT_DIFFERENCES = _family(_short_differences, "hf-maml")


def opposed_tasks(curvature: Any, alpha: Any, slope: Any) -> dict[str, Any]:
    """Two equally likely tasks: f_1'' falls on both sides of 0 from L to -L at distance alpha G, and to 0; f_2'' = -f_1''.

    There f_1' = G = -f_2' = f_1'(-alpha G), and sigma = G (1 + alpha L / 4).
    """
    xp, half = namespace(slope), alpha * slope / 2
    heights = xp.stack([0 * curvature, -curvature, curvature, -curvature, 0 * curvature], axis=-1)
    gaps = xp.stack([half, 2 * half, 2 * half, half], axis=-1)
    first = slope + curvature * half / 2
    tasks = SplineTasks(
        weights=xp.stack([slope / slope, slope / slope], axis=-1) / 2,
        start=xp.stack([-3 * half, -3 * half], axis=-1)[..., None],
        gaps=xp.stack([gaps, gaps], axis=1)[:, :, None, :],
        heights=xp.stack([heights, -heights], axis=1)[:, :, None, :],
        slope=xp.stack([first, -first], axis=-1)[..., None],
    )
    rho = amax(tasks.lipschitz_hessian, axis=-1)
    rest = AtRest(_with_noise(tasks, 0 * slope), (0 * slope)[:, None], alpha, curvature, rho, 1, slope / slope)
    return {"rest": rest, "alpha": alpha, "L": curvature, "rho": rho, "sigma": largest_gradient_gap(tasks) / 2}


@instances(strata={"at rest": fix(start=0), "L = 1": fix(curvature=1)}, assume=[alpha * L <= Rational(1, 10)])
def opposed_at_any_step(draw: Any) -> dict[str, Any]:
    """Opposed tasks, any alpha that Theorem 4.15 allows, and a start within alpha G / 32 of 0."""
    curvature, slope = draw.positive("curvature"), draw.positive("slope")
    alpha = draw.interval("alpha_share", 0, 1, closed="right") / (10 * curvature)
    start = (draw.interval("start", -1, 1) * alpha * slope / 32)[:, None]
    return {**opposed_tasks(curvature, alpha, slope), "start": start, "w_squared": start[:, 0] ** 2}


@instances(strata={"L = 1": fix(curvature=1)}, assume=[12 * alpha * L <= 1])
def opposed_at_one_twelfth(draw: Any) -> dict[str, Any]:
    """Opposed tasks with alpha = 1/(12 L): FO-MAML and HF-MAML with the printed delta both rest at 0."""
    curvature = draw.positive("curvature")
    return opposed_tasks(curvature, 1 / (12 * curvature), draw.positive("slope"))
