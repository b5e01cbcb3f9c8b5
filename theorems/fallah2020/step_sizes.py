"""Instance families: related tasks at a point, with as much noise as the batches of the step size (17) allow, or more.

``L``, ``rho``, ``s`` (sigma~) and ``sigma`` are the smallest constants of the drawn tasks, which differ by linear terms; L and rho are
at least 2^-20. Both deviations are given as shares of what (18) allows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import symbols

from exactarray import maximum, namespace
from impl.maml import expected_gradient_norm
from impl.noisy_tasks import NoisyTasks, Perturbations, RelatedTasks, root
from impl.smooth_tasks import SplineTasks
from impl.stochastic_maml import step_size_moments
from lakatos import fix, instances
from lakatos.families import Family
from theorems.fallah2020.noisy_points import SMALLEST_L

L, rho, alpha, s, sigma, B, D = symbols("L rho alpha s sigma B D", nonnegative=True)
ENOUGH_TASKS = (rho * alpha * sigma) ** 2 <= 2 * B * L**2
ENOUGH_DATA = (2 * rho * alpha * s) ** 2 <= D * L**2


@dataclass(frozen=True)
class StepSize:
    """The random step size (17) at ``w``, from ``B`` tasks with ``D`` data points each."""

    noisy: NoisyTasks
    w: Any
    L: Any
    rho: Any
    alpha: Any
    B: int
    D: int

    def moments(self) -> tuple[Any, Any]:
        """Mean and mean square over all draws of tasks and data, ``(batch,)`` each."""
        constants = {"L": self.L, "rho": self.rho, "alpha": self.alpha}
        return step_size_moments(self.noisy, self.w, **constants, batch_size=self.B, data_size=self.D)

    def described(self, **more: Any) -> dict[str, Any]:
        """The step size and the constants of the bounds on it."""
        return {**vars(self), "step": self, "s": self.noisy.gradient_deviation, **more}


# Deviations are roots, and balls cannot decide a condition that holds with equality.
JUST_BELOW = 1 - 2.0**-30


# One task and the data of one side are rare, so that L~ mostly takes one of two values, the smaller one 4 L.
TWO_VALUES = {
    "tasks": 2, "d": 1, "B": 1, "D": 1, "slope": [[2.945]], "gaps": [[[2]]], "heights": [[[-1, 1]]], "alpha_L": 1,
    "apart": [[[-1], [1]]], "task_share": 1, "odds": [[1, 53], [53, 1]], "noise": [[[1], [0]], [[1], [0]]], "data_share": [1, 1],
    "w": [0],
}  # fmt: skip


def estimates(*, task_share: int = 1, data_share: int = 1, longest: int = 1) -> Family:
    """Deviations of at most so many times what (18) allows, where one keeps the condition; ``alpha`` in (0, longest/L]."""
    conditions = [c for c, share in ((ENOUGH_TASKS, task_share), (ENOUGH_DATA, data_share)) if share == 1]

    @instances(
        strata={
            "one task": fix(tasks=1),
            "identical tasks": fix(task_share=0),
            "no noise": fix(data_share=0),
            "at the end of (18)": fix(task_share=1, data_share=1),
            "single draws": fix(B=1, D=1),
            "two values": fix(**TWO_VALUES),
        },
        assume=[*([alpha * L <= 1] if longest == 1 else []), *conditions],
    )
    def related_tasks_at_a_point(draw: Any) -> dict[str, Any]:
        tasks, d = draw.integer("tasks", 1, 2), draw.integer("d", 1, 2)
        B, D = draw.integer("B", 1, 2), draw.integer("D", 1, 2)
        p, slope = draw.simplex("p", tasks), draw.real("slope", 1, d)
        common = SplineTasks(
            weights=p[:, :1] * 0 + 1,
            start=0 * slope,
            gaps=draw.positive("gaps", 1, d, 1),
            heights=draw.real("heights", 1, d, 2),
            slope=slope,
        )
        L = maximum(common.lipschitz_gradient[:, 0], SMALLEST_L)
        rho = maximum(common.lipschitz_hessian[:, 0], SMALLEST_L)
        alpha, xp = draw.interval("alpha_L", 0, longest, closed="right") / L, namespace(L)
        unit = JUST_BELOW * L / (2 * rho * alpha)
        apart = _linear(p[:, None], draw.real("apart", 1, tasks, d))
        apart = _scaled(apart, (draw.interval("task_share", 0, task_share) * unit * root(8 * B + 0 * L))[:, None])
        odds = draw.positive("odds", tasks, 2)
        noise = _linear(odds / xp.sum(odds, axis=-1)[..., None], draw.real("noise", tasks, 2, d))
        noise = _scaled(noise, draw.interval("data_share", 0, data_share, tasks) * (unit * root(D + 0 * L))[:, None])
        related = RelatedTasks(common, apart)
        noisy, w = NoisyTasks(related, noise), draw.real("w", d)
        step = StepSize(noisy, w, L, rho, alpha, B, D)
        return step.described(sigma=root(related.task_variance), G=expected_gradient_norm(related, w))

    return related_tasks_at_a_point


@instances(strata={"(18) with equality": fix(data_share=1), "B' = 2": fix(B=2)})
def stationary_points(draw: Any) -> dict[str, Any]:
    """One task on a line at a stationary point, whose stochastic gradients have one size."""
    L, gap = draw.positive("curvature"), draw.positive("gap")
    alpha, rho, zero = draw.interval("alpha_L", 0, 1, closed="right") / L, 2 * L / gap, 0 * L[:, None, None]
    s = draw.interval("data_share", 0, 1) * L / (2 * rho * alpha)
    heights = namespace(L).stack([-L, L], axis=-1)[:, None, None, :]
    task = SplineTasks(zero[..., 0] + 1, zero, gap[:, None, None, None], heights, zero)
    sides = namespace(s).stack([s, -s], axis=-1)[:, None, :]
    noisy = NoisyTasks(task, _linear(0 * sides + 1 / 2, sides[..., None]))
    return StepSize(noisy, zero[..., 0], L, rho, alpha, draw.integer("B", 1, 2), 1).described()


def _linear(chances: Any, coefficients: Any) -> Perturbations:
    zero = 0 * coefficients
    return Perturbations.centred(
        chances=chances, linear=coefficients, bent=zero, centre=zero[..., 0, :], width=zero[..., 0, :] + 1
    )


def _scaled(perturbations: Perturbations, wanted: Any) -> Perturbations:
    """Linear perturbations with the deviations ``(batch, sets)``; zero ones stay zero."""
    now, xp = root(perturbations.gradient_variance), namespace(wanted)
    factor = xp.where(now == 0, 0 * now, wanted / xp.where(now == 0, xp.ones_like(now), now))
    return replace(perturbations, linear=factor[..., None, None] * perturbations.linear)
