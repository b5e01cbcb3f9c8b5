"""Networks at and near their ground truth, for the constants behind Theorem 1."""

from __future__ import annotations

from typing import Any

from exactarray import eigvalsh, namespace, ones, spectral_norm
from impl.stationary_points import hessians
from impl.two_layer_networks import ReluTasks, SmoothNetworkTasks
from lakatos import instances


def at_truth(draw: Any, activation: str, count: int, shrink: Any, close: Any) -> dict[str, Any]:
    """Spectrum of the Hessian at the ground truth: one neuron, or two that are ``1 / close`` apart, of size ``1 / shrink``."""
    first, aside = draw.unit("direction", 2), draw.interval("aside", 0.25, 1)[:, None]
    second = first + aside / close * namespace(first).stack([-first[:, 1], first[:, 0]], axis=-1)
    truths = namespace(first).stack([first, second][:count], axis=1)[:, None] / shrink
    weights, kernel = ones((draw.batch, 1), first), truths @ truths.mT
    tasks = (
        ReluTasks(weights, truths, weights)
        if activation == "relu"
        else SmoothNetworkTasks(weights, truths, weights, activation, 48)
    )
    s = namespace(first).sqrt(eigvalsh(kernel)[:, 0])
    spectrum = eigvalsh(hessians(tasks, truths.reshape(draw.batch, 1, -1)))[:, 0]
    # With M = 2, lambda = kappa.
    return dict(lowest=spectrum[:, 0], highest=spectrum[:, -1], kappa=s[:, -1] / s[:, 0], s_1=s[:, -1], M=count)


def truths_of(activations: list[str], count: int) -> Any:
    """Ground truths of a given number of neurons with one of the activations."""

    @instances()
    def ground_truths(draw):
        activation = draw.option("activation", activations)
        shrink, grow, close = (draw.option(name, [1]) for name in ("shrink", "grow", "close"))
        return dict(at_truth(draw, activation, count, shrink / grow, close), c=draw.interval("c", 0.5, 2))

    return ground_truths


def near_truth(activations: list[str]) -> Any:
    """One neuron in the plane and a point near it, both divided by ``shrink``."""

    @instances()
    def points(draw):
        activation, shrink = draw.option("activation", activations), draw.option("shrink", [1])
        truth, weights = draw.unit("truth", 2) / shrink, ones((draw.batch, 1), draw.constant([1]))
        w = truth + draw.interval("distance", 0.125, 0.5)[:, None] * draw.unit("way", 2) / shrink
        truths = truth[:, None, None]
        tasks = (
            ReluTasks(weights, truths, weights)
            if activation == "relu"
            else SmoothNetworkTasks(weights, truths, weights, activation, 32)
        )
        change = hessians(tasks, w[:, None]) - hessians(tasks, truth[:, None])
        return dict(change=spectral_norm(change)[:, 0], distance=namespace(w).sum((w - truth) ** 2, axis=-1) ** 0.5)

    return points
