"""Slow references for impl.two_layer_networks: sums over neurons and points one at a time, and ReLU by integrating over angles."""

import math

import torch

SIGMA = {
    "softplus": lambda z: torch.logaddexp(z, torch.zeros_like(z)),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
}


def loss(truths, scale, activation, model, points, weights, activated_sum=False):
    """Population loss of one task: ``truths`` and ``model`` are ``(neurons, d)``, ``points`` a list of lists."""
    sigma, total = SIGMA[activation], torch.zeros((), dtype=torch.float64)
    for point, weight in zip(points, weights, strict=True):
        x = scale * torch.tensor(point, dtype=torch.float64)
        arguments = [row @ x for row in model]
        predicted = sigma(sum(arguments)) if activated_sum else sum(sigma(a) for a in arguments)
        total = total + weight * (predicted - sum(sigma(row @ x) for row in truths)) ** 2 / 2
    return total


def relu_loss(truths, scale, model, angles=20_000):
    """Population loss of one ReLU task in the plane: E |x|^2 = 2, and the direction of x is uniform."""
    theta = 2 * math.pi * (torch.arange(angles, dtype=torch.float64) + 0.5) / angles
    directions = torch.stack([theta.cos(), theta.sin()], dim=-1)
    residual = torch.relu(directions @ model.mT).sum(-1) - torch.relu(directions @ truths.mT).sum(-1)
    return scale**2 * 2 * (residual**2).mean() / 2
