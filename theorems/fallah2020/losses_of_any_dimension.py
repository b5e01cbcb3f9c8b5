"""Instance families: noisy losses of 8 to 256 parameters, whose gradients cost d or d^2 operations, and networks of growing width."""

from __future__ import annotations

from typing import Any

from exactarray import eye
from impl.network_tasks import NetworkTasks
from impl.noisy_tasks import NoisyTasks, Perturbations
from impl.smooth_tasks import RidgeTasks, SplineTasks
from lakatos import instances

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
    slope, heights, gaps = draw.real("slope", 1, size), draw.real("heights", 1, size, 2), draw.positive("gaps", 1, size, 1)
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
