"""Mixtures of hard and easy tasks (Section 3.2), the risks of NAL and MAML on them, and the families of both corollaries.

Hard tasks have inputs N(0, rho_H I) and optima N(R 1, r_H I), easy tasks inputs N(0, rho_E I) and optima N(0, r_E I), half
and half. The optima enter every risk through their mean and covariance, so that a few points s (+-1, ..., +-1) with mean 0
and covariance s^2 I stand for a Gaussian cloud of variance s^2: the ends of a segment, the corners of a square or of a
regular tetrahedron. With s and the roots of rho as primitives everything is rational.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Ge, symbols

from exactarray import array_like, eye, namespace
from impl.meta_regression import RegressionTasks, loss_after_step, maml_solution, nal_solution, noise_floor
from lakatos import fix, instances, when

d, m, alpha, rho_H, rho_E, R, r_H, r_E, C = symbols("d m alpha rho_H rho_E R r_H r_E C", nonnegative=True)
ASSUMED = {"the hard tasks are harder": rho_H < rho_E}
CORNERS = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))


def cloud(d: int, like: Any) -> Any:
    """Points ``(points, d)`` with mean zero and covariance I, in at most three dimensions."""
    return array_like([[1], [-1]] if d == 1 else [corner[:d] for corner in CORNERS], like)


def hard_and_easy(d: int, root_H: Any, root_E: Any, R: Any, spread_H: Any, spread_E: Any, noise: Any) -> RegressionTasks:
    """The mixture with rho = root^2 and r = spread^2; every argument but ``d``, at most three, is ``(batch,)``."""
    xp, points = namespace(R), cloud(d, R)
    hard, easy = R[:, None, None] + spread_H[:, None, None] * points, spread_E[:, None, None] * points
    roots = xp.stack([root_H, root_E], axis=-1)[..., None, None] * eye(d, R)
    half = xp.stack([0 * R, 0 * R], axis=-1) + array_like([1, 1], R) / 2
    return RegressionTasks(xp.stack([hard, easy], axis=1), roots, half, noise)


def above_noise_floor(tasks: RegressionTasks, w: Any, alpha: Any, m: Any) -> Any:
    """``F_m(w)`` minus what label noise alone costs, ``(batch,)``: the excess risk that Proposition 1's proof computes."""
    return loss_after_step(tasks, w, alpha, m) - noise_floor(tasks, alpha, m)


def loss_of_any_model(tasks: RegressionTasks, model: Any, alpha: Any, m: Any) -> Any:
    """``F_m``, ``(batch,)``, at a drawn ``model``, ``(batch, d, 1)``."""
    return loss_after_step(tasks, model[..., 0], alpha, m)


def loss_of_maml(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """``F_m`` at the MAML model, ``(batch,)``."""
    return loss_after_step(tasks, maml_solution(tasks, alpha, m), alpha, m)


def above_infimum(tasks: RegressionTasks, w: Any, alpha: Any, m: Any) -> Any:
    """``F_m(w) - inf F_m``, ``(batch,)``: the excess risk as equation (2) defines it."""
    return loss_after_step(tasks, w, alpha, m) - loss_of_maml(tasks, alpha, m)


def nal_risk(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """Risk of the NAL model above the noise floor, ``(batch,)``."""
    return above_noise_floor(tasks, nal_solution(tasks), alpha, m)


def maml_risk(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """Risk of the MAML model above the noise floor, ``(batch,)``."""
    return above_noise_floor(tasks, maml_solution(tasks, alpha, m), alpha, m)


def gain(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """Risk of the NAL model over that of the MAML model, both above the noise floor, ``(batch,)``."""
    floor = noise_floor(tasks, alpha, m)
    nal, maml = (loss_after_step(tasks, w, alpha, m) for w in (nal_solution(tasks), maml_solution(tasks, alpha, m)))
    return (nal - floor) / (maml - floor)


def along_samples(quantity: Any, tasks: RegressionTasks, alpha: Any, checkpoints: tuple[int, ...]) -> Any:
    """A quantity of the mixture on m = t^3 samples for each checkpoint t, ``(batch, len(checkpoints))``."""
    values = [quantity(tasks, alpha, t**3) for t in checkpoints]
    return namespace(values[0]).stack(values, axis=-1)


def _free(draw: Any, d: int) -> dict[str, Any]:
    root_E = draw.positive("root_E")
    root_H = draw.interval("root_ratio", 0, 1, closed="neither") * root_E
    R, spread_H, spread_E = draw.real("R"), draw.nonnegative("spread_H"), draw.nonnegative("spread_E")
    # Noise far above the labels themselves would only drown the risks in rounding.
    noise = draw.interval("noise", 0, 2) * root_H * (abs(R) + spread_H + spread_E)
    tasks = hard_and_easy(d, root_H, root_E, R, spread_H, spread_E, noise)
    rho_H, rho_E = root_H * root_H, root_E * root_E
    alpha = draw.interval("alpha_rho_E", 0, 4) / rho_E
    return dict(tasks=tasks, alpha=alpha, rho_H=rho_H, rho_E=rho_E, r_H=spread_H**2, r_E=spread_E**2)


@instances(
    strata={"alpha = 1/rho_E": fix(alpha_rho_E=1), "alpha = 0": fix(alpha_rho_E=0), "one centre": fix(R=0),
            "m = 1": fix(m=1), "no noise": fix(noise=0), "a point of hard tasks": fix(spread_H=0), "d = 2": fix(d=2),
            "d = 3": fix(d=3)},
    assume=ASSUMED,
)  # fmt: skip
def mixtures(draw):
    """Mixtures with every parameter free, adapted on 1 to 10^6 samples."""
    draw.option("m", [1, 2, 3, 10, 1000, 10**6])
    return _free(draw, draw.integer("d", 1, 3))


@instances(strata={"alpha = 1/rho_E": fix(alpha_rho_E=1), "one centre": fix(R=0)}, assume=ASSUMED)
def mixtures_and_models(draw):
    """Mixtures with every parameter free, and any model."""
    draw.option("m", [1, 10, 10**6])
    d = draw.integer("d", 1, 3)
    return dict(_free(draw, d), model=draw.real("model", d)[..., None])


@instances(strata={"two samples": fix(m=2), "alpha = 1/rho_E": fix(alpha_rho_E=1)}, assume=ASSUMED)
def few_samples(draw):
    """So few samples that the step can be run on every data set of an exact rule."""
    m = draw.integer("m", 1, 2)
    return _free(draw, draw.integer("d", 1, 3 - m))


@cache
def _root_ratios(margin: int, m_over_d: int) -> tuple[float, float]:
    """Dyadic ends of an interval of k = sqrt(rho_H / rho_E) on which k^2 (1 - k^2)^2 m / d is at least ``margin``."""
    inside = [j for j in range(1, 4096) if j**2 * (4096**2 - j**2) ** 2 * m_over_d >= margin * 4096**6]
    return inside[0] / 4096, inside[-1] / 4096


def _corollary_2(draw: Any, margin: int, m_over_d: int, spreads: Any) -> dict[str, Any]:
    return _mixture_at(draw, draw.interval("root_ratio", *_root_ratios(margin, m_over_d)), m_over_d, spreads)


def _mixture_at(draw: Any, root_ratio: Any, m_over_d: int, spreads: Any) -> dict[str, Any]:
    d = draw.option("d", [1, 2, 3])
    root_E = draw.positive("root_E")
    root_H = root_ratio * root_E
    R, spread_H, spread_E = spreads(draw)
    rho_H, rho_E = root_H**2, root_E**2
    tasks = hard_and_easy(d, root_H, root_E, R, spread_H, spread_E, 0 * R)
    return dict(
        tasks=tasks, alpha=1 / rho_E, m=m_over_d * d, d=d, rho_H=rho_H, rho_E=rho_E, R=R, r_H=spread_H**2,
        r_E=spread_E**2, C=rho_H / rho_E * (1 - rho_H / rho_E) ** 2 * m_over_d,
    )  # fmt: skip


def _any_spreads(draw: Any) -> tuple[Any, Any, Any]:
    return draw.positive("R"), draw.positive("spread_H"), draw.nonnegative("spread_E")


FAR = {
    "R^2 > 1000 r_H": when(lambda R, r_H: 1000 * r_H < R**2),
    "r_E > 1000 r_H": when(lambda r_E, r_H: r_E > 1000 * r_H),
}


@instances(strata=FAR, assume={**ASSUMED, "the margin is at least 1": Ge(C, 1)})
def past_margin_1(draw):
    """The step is 1/rho_E and C = (rho_H/rho_E)(1 - rho_H/rho_E)^2 m/d >= 1; R, r_H, r_E free."""
    return _corollary_2(draw, 1, draw.option("m_over_d", [7, 20, 1000, 10**6]), _any_spreads)


@instances(strata=FAR, assume={**ASSUMED, "the margin is at least 100": Ge(C, 100)})
def past_margin_100(draw):
    """The step is 1/rho_E and C >= 100, the ">>" of the corollary; R, r_H, r_E free."""
    return _corollary_2(draw, 100, draw.option("m_over_d", [712, 1000, 10**4, 10**6, 10**9]), _any_spreads)


@instances(assume={**ASSUMED, "many samples": m >= 100 * d, "a much harder task": rho_H <= rho_E / 100})
def many_samples_and_much_harder(draw):
    """The step is 1/rho_E, m >= 100 d and rho_H/rho_E <= 1/100, the "m >> d and 0 < rho_H/rho_E << 1" of Section 3.2."""
    return _mixture_at(
        draw, draw.interval("root_ratio", 0, 0.1, closed="right"), draw.option("m_over_d", [100, 10**4]), _any_spreads
    )


@instances(
    assume={
        **ASSUMED,
        "the margin is at least 100": Ge(C, 100),
        "the clouds are comparable": (r_E + R**2) ** 2 <= C * r_H**2,
    }
)
def comparable_clouds(draw):
    """The step is 1/rho_E, C >= 100 and r_E + R^2 <= sqrt(C) r_H."""
    margin = draw.option("margin", [100, 10**4, 10**8])
    root = {100: 3, 10**4: 10, 10**8: 100}[margin]  # at most its fourth root

    def spreads(draw: Any) -> tuple[Any, Any, Any]:
        spread_H, share = draw.positive("spread_H"), draw.interval("share_of_R", 0, 1, closed="right")
        wide = root * spread_H
        return wide * share, spread_H, wide * (1 - share) * draw.interval("share_of_spread", 0, 1)

    return _corollary_2(draw, margin, margin * draw.option("m_over_margin", [7, 1000, 10**5]), spreads)


@instances(strata={"small clouds of hard tasks far off": fix(R=4, spread_H=0.25)})
def fixed_mixtures(draw):
    """A mixture of moderate size, to be adapted on more and more samples with everything else fixed."""
    root_E = draw.interval("root_E", 0.25, 4)
    root_H = draw.interval("root_ratio", 0.125, 0.875) * root_E
    R, spread_H = draw.interval("R", 0.25, 4), draw.interval("spread_H", 0.25, 4)
    spread_E = draw.interval("spread_E", 0, 4)
    d = draw.integer("d", 1, 3)
    tasks = hard_and_easy(d, root_H, root_E, R, spread_H, spread_E, 0 * R)
    return dict(
        tasks=tasks, d=d, root_E=root_E, rho_H=root_H**2, rho_E=root_E**2, R=R, spread_H=spread_H, spread_E=spread_E,
        alpha=1 / root_E**2, r_H=spread_H**2, r_E=spread_E**2,
    )  # fmt: skip
