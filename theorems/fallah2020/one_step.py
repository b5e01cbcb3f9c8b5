"""Instance families: one stochastic step of MAML or FO-MAML on nonlinear tasks with noise in gradients and Hessians.

Tasks are a spline plus differences of mean zero, a linear term and a hat, so that sigma is known on all of R^d; data points perturb
every task in the same way. All moments of a step are exact: batches of data are enumerated, and B tasks enter through the variance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Rational, symbols

from exactarray import amax, maximum, namespace
from impl.maml import meta_gradient
from impl.noisy_tasks import NoisyTasks, Perturbations, RelatedTasks, enumerate_batches
from impl.smooth_tasks import SplineTasks
from impl.stochastic_maml import fo_maml_directions, maml_directions, mean_direction
from impl.stochastic_maml_runs import STEP_DIVISORS
from lakatos import fix, instances
from lakatos.families import Family, Stratum
from theorems.fallah2020.equal_hessians import batch_sizes
from theorems.fallah2020.points_at_rest import LONGEST_STEP

L, alpha, hessian_variance = symbols("L alpha hessian_variance", nonnegative=True)
SMALLEST_L = 2.0**-20

# Lemma 4.9, times L(w): the least mean of the step, the most that its mean can be with that second moment, and the second moment.
LEAST_MEAN, LARGEST_MEAN, SECOND_MOMENT = (4, 5), (9, 5), (25, 8)


@dataclass(frozen=True)
class OneStep:
    """A point, the step of a method from there, and the batches that it draws."""

    method: str
    noisy: NoisyTasks
    w: Any
    alpha: Any
    B: Any
    sizes: tuple[int | None, int, int | None]

    def shortfall(self, share: int) -> Any:
        """``||grad F||^2 / share`` minus ``L(w)`` times the progress that a step is sure to make in expectation, ``(batch,)``.

        By Lemma 4.8 the progress ``F(w_k) - E F(w_{k+1})`` is at least ``E beta grad F . E g - L(w) / 2 E beta^2 E||g||^2``, and
        Lemma 4.9 bounds both moments of ``beta``.
        """
        xp, gradient = namespace(self.w), meta_gradient(self.noisy.tasks, self.w, self.alpha)
        data = enumerate_batches(self.noisy, *self.sizes)
        inner, outer, hessian = data.shares
        at, step = data.repeat(self.w), data.repeat(self.alpha)
        if self.method == "maml":
            found = maml_directions(data.tasks, at, step, inner=inner, outer=outer, hessian=hessian)
        else:
            found = fo_maml_directions(data.tasks, at, step, inner=inner, outer=outer)
        mean = mean_direction(data.mean(found), self.noisy.weights)
        squares = xp.sum(self.noisy.weights * data.mean(xp.sum(found * found, axis=-1)), axis=-1)
        of_mean, along = xp.sum(mean * mean, axis=-1), xp.sum(gradient * mean, axis=-1)
        second = of_mean + (squares - of_mean) / self.B
        divisor, (least, of), (most, among), (square, by) = STEP_DIVISORS[self.method], LEAST_MEAN, LARGEST_MEAN, SECOND_MOMENT
        gained = xp.where(along > 0, along * least / of, along * most / among) / divisor
        return xp.sum(gradient * gradient, axis=-1) / share - gained + second * square / (2 * by * divisor**2)


def one_step(
    method: str,
    beyond: int = 1,
    fewest: int = 20,
    most: int = 2,
    alone: str = "",
    more_strata: Mapping[str, Stratum] | None = None,
) -> Family:
    """One step from any point, alpha up to the theorem's end, D_h = 1 at its limit, or below it where ``beyond`` is more than 1.

    At least ``fewest`` tasks are drawn, and batches of data and splines have up to ``most`` points and pieces. "tasks" alone are
    adapted with exact inner gradients, D_in being infinite; "data" alone are those of tasks that are all equal, sigma = 0.
    """

    def build(draw: Any) -> dict[str, Any]:
        tasks, d, pieces = 1 if alone == "data" else 2, 1, draw.integer("pieces", 1, most)
        inner = None if alone == "tasks" else draw.integer("D_in", 1, most)
        outer = draw.integer("D_o", 1, max(1, most + 1 - (inner or 1)))
        centre, width = draw.real("centre", 1, d), draw.positive("width", 1, d)
        spline = SplineTasks(
            weights=(0 * width + 1)[:, :, 0], start=draw.real("start", 1, d), gaps=draw.positive("gaps", 1, d, pieces),
            heights=draw.real("heights", 1, d, pieces + 1), slope=draw.real("slope", 1, d),
        )  # fmt: skip

        def of_tasks(name: str) -> Any:
            return 0 * centre[:, :, None, :] if tasks == 1 else draw.real(name, 1, tasks, d)

        related = RelatedTasks(
            spline,
            Perturbations.centred(
                chances=draw.simplex("p", tasks)[:, None], linear=of_tasks("task_linear"), bent=of_tasks("task_bent"),
                centre=centre, width=width,
            ),
        )  # fmt: skip
        constant = maximum(amax(related.lipschitz_gradient, axis=-1), SMALLEST_L)
        alpha = draw.interval("alpha_share", 0, 1, closed="right") / (LONGEST_STEP[method] * constant)
        # Two equally likely data points that are each other's opposite; 70/99 < 1/sqrt(2) keeps D_h = 1 at its limit.
        xp, signs = namespace(alpha), draw.constant([1, -1])[:, None]
        linear, bent = draw.real("data_linear", 1, 1, d), draw.interval("data_bent", -beyond, beyond, 1, 1, d)
        wide = (tasks, 2, d)
        noise = Perturbations(
            chances=xp.broadcast_to((0 * alpha + 1)[:, None, None] / 2, (draw.batch, tasks, 2)),
            linear=xp.broadcast_to(linear * signs, (draw.batch, *wide)),
            bent=xp.broadcast_to(bent * signs * 70 / (99 * alpha[:, None, None, None]), (draw.batch, *wide)),
            centre=xp.broadcast_to(centre, (draw.batch, tasks, d)), width=xp.broadcast_to(width, (draw.batch, tasks, d)),
        )  # fmt: skip
        noisy, B = NoisyTasks(related, noise), batch_sizes(draw)["B"] - 20 + fewest
        step = OneStep(method, noisy, draw.real("w", d), alpha, B, (inner, outer, 1 if method == "maml" else None))
        return {
            "step": step, "L": constant, "alpha": alpha, "B": B, "sigma_squared": related.task_variance,
            "noise_squared": amax(noise.gradient_variance, axis=-1), "hessian_variance": amax(noise.hessian_variance, axis=-1),
        }  # fmt: skip

    of = f"_of_{alone}_alone" if alone else ""
    build.__name__ = f"one_step_of_{method.replace('-', '_')}{of}"
    strata = {
        **(more_strata or {}),
        "alpha at its end": fix(alpha_share=1),
        "no data noise": fix(data_linear=0, data_bent=0),
        f"B = {fewest}": fix(more_tasks=0),
    }
    assume = [alpha * L <= Rational(1, LONGEST_STEP[method])]
    # FO-MAML takes no Hessian, and its claims assume nothing of their noise.
    if method != "fo-maml":
        assume.append(2 * alpha**2 * hessian_variance <= beyond**2)
    return instances(strata=strata, assume=assume)(build)
