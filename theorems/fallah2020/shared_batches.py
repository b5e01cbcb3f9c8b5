"""Instance families: one task and three batches of data, on which MAML and HF-MAML are run side by side.

The batches are any shares of the data points, so that every batch size is covered.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import symbols

from exactarray import amax, array_like, namespace, norm
from impl.noisy_tasks import NoisyTasks
from impl.smooth_tasks import SplineTasks
from impl.stochastic_maml import fo_maml_directions
from lakatos import fix, instances
from theorems.fallah2020.noisy_points import at_a_point, noisy_splines
from theorems.fallah2020.tasks_on_a_line import line_task, with_linear_noise


def on_batches(draw: Any, noisy: NoisyTasks, w: Any, alpha: Any, rho: Any) -> dict[str, Any]:
    """Both methods' inputs: the shares of three batches, and the printed length for the given rho; the norm of ``v``."""
    data = {}
    for name in ("inner", "outer", "hessian"):
        counts = draw.positive(name, *noisy.chances.shape[1:])
        data[name] = counts / namespace(counts).sum(counts, axis=-1)[..., None]
    v = fo_maml_directions(noisy, w, alpha, inner=data["inner"], outer=data["outer"])
    return {"noisy": noisy, "w": w, "alpha": alpha, "data": data, "rho": rho, "v_norm": norm(v)[:, 0]}


def splines_on_batches(draw: Any, *, hessian_noise: bool, rho_of_all_data: bool = False, divisor: int = 1) -> dict[str, Any]:
    """Noisy splines, with noise in Hessians or not, and with the rho of the mean loss or one for every data point."""
    noisy = noisy_splines(draw, 1)
    if not hessian_noise:
        noisy = replace(noisy, noise=replace(noisy.noise, bent=0 * noisy.noise.bent))
    point = at_a_point(draw, noisy, draw.interval("alpha_L", 0, 1, closed="right") / divisor)
    steepest = amax(amax(abs(noisy.noise.bent) / noisy.noise.width[:, :, None], axis=-1), axis=-1)[:, 0]
    rho = point["rho"] + steepest if rho_of_all_data else point["rho"]
    return {**on_batches(draw, noisy, point["w"], point["alpha"], rho), "L": point["L"]}


alpha, L = symbols("alpha L", nonnegative=True)
SMOOTH = {"d = 2": fix(d=2), "alpha = 1/L": fix(alpha_L=1)}


@instances(strata=SMOOTH)
def gradient_noise(draw: Any) -> dict[str, Any]:
    """Data that move gradients only."""
    return splines_on_batches(draw, hessian_noise=False)


@instances(strata={"d = 2": fix(d=2), "alpha at its end": fix(alpha_L=1)}, assume=[6 * alpha * L <= 1])
def hessian_noise(draw: Any) -> dict[str, Any]:
    """Data that move Hessians too, the rho of the mean loss, and alpha up to 1/(6 L), as in Theorem 4.17."""
    return splines_on_batches(draw, hessian_noise=True, divisor=6)


@instances(strata=SMOOTH)
def hessian_noise_within_rho(draw: Any) -> dict[str, Any]:
    """Data that move Hessians too, and a rho that serves for every data point."""
    return splines_on_batches(draw, hessian_noise=True, rho_of_all_data=True)


@instances(strata={"linear": fix(curvature=0)})
def quadratics(draw: Any) -> dict[str, Any]:
    """Quadratic losses on a line, with noise in gradients and any positive length of the difference, by way of rho."""
    curvature, slope, noise = draw.real("curvature"), draw.real("slope"), draw.real("noise")
    task = line_task(start=0 * slope, gap=0 * slope + 1, heights=(curvature, curvature), slope=slope)
    noisy = with_linear_noise(task, *two_sides(noise))
    alpha = draw.interval("alpha_L", 0, 1) / (abs(curvature) + 1)
    return {**on_batches(draw, noisy, draw.real("w", 1), alpha, draw.positive("any_rho")), "L": abs(curvature)}


@instances(strata={"any smoothness": fix(low=0)})
def kinks(draw: Any) -> dict[str, Any]:
    """A second derivative low + rho |w| as far as the difference reaches, and ``w = 0``."""
    alpha, rho = draw.positive("alpha"), draw.positive("rise")
    low = draw.interval("low", -1, 1) / (3 * alpha)
    reach = (draw.interval("margin", 0, 1 / 2) + 1 / array_like([6], alpha)) / (alpha * rho)
    xp, slope = namespace(alpha), draw.real("slope")
    heights = xp.stack([low + rho * reach, low, low + rho * reach], axis=-1)[:, None, None, :]
    gaps, zero = xp.stack([reach, reach], axis=-1)[:, None, None, :], 0 * slope[:, None, None]
    task = SplineTasks(zero[..., 0] + 1, zero - reach[:, None, None], gaps, heights, slope[:, None, None])
    noisy = with_linear_noise(task, *two_sides(draw.real("noise")))
    return {**on_batches(draw, noisy, zero[..., 0], alpha, rho), "L": abs(low) + rho * reach}


def two_sides(size: Any) -> tuple[Any, Any]:
    """Two equally likely data points with noise of plus and minus the given size."""
    sides = namespace(size).stack([size, -size], axis=-1)
    return 0 * sides + 1 / 2, sides
