"""Slow references for impl.meta_regression: a product rule with autograd, and Isserlis' formula."""

from itertools import product

import torch


def loss_after_step(tasks, w, step, samples, loss):
    """F_m(w), by the product of three-point Gauss-Hermite rules over every entry of every data set, one at a time."""
    node = torch.tensor([0.0, 3.0**0.5, -(3.0**0.5)], dtype=torch.float64)
    weight = torch.tensor([2 / 3, 1 / 6, 1 / 6], dtype=torch.float64)
    batch, clouds, count, d = tasks.optima.shape
    rows = []
    for b in range(batch):
        total = torch.zeros((), dtype=torch.float64)
        for c, i in product(range(clouds), range(count)):
            root, optimum, sigma = tasks.roots[b, c], tasks.optima[b, c, i], tasks.noise[b]
            for choice in product(range(3), repeat=samples * (d + 1)):
                entries = node[list(choice)].reshape(samples, d + 1)
                x = entries[:, :d] @ root.mT
                y = x @ optimum + sigma * entries[:, d]
                start = w[b].clone().requires_grad_()
                empirical = ((x @ start - y) ** 2).sum() / 2 / (samples if loss == "mean" else 1)
                (gradient,) = torch.autograd.grad(empirical, start)
                error = w[b] - step[b] * gradient - optimum
                after = (error @ root @ root.mT @ error + sigma**2) / 2
                total = total + tasks.weights[b, c] / count * weight[list(choice)].prod() * after
        rows.append(total)
    return torch.stack(rows)


def preconditioned_covariances(tasks, step, samples):
    """E (I - step S) Sigma (I - step S), S the sample covariance of Gaussian rows, by Isserlis' formula."""
    covariance = tasks.roots @ tasks.roots.mT
    trace = (covariance @ covariance).diagonal(dim1=-2, dim2=-1).sum(-1)[..., None, None]
    step = step[:, None, None, None]
    cube = covariance @ covariance @ covariance
    return covariance - 2 * step * covariance @ covariance + step**2 * (cube + (cube + trace * covariance) / samples)


def weighted_average(matrices, tasks):
    """(E_i M_i)^-1 E_i M_i w_i for one matrix per cloud, the form of equation (5)."""
    weighted = tasks.weights[..., None, None] * matrices
    means = tasks.optima.mean(dim=2)[..., None]
    return torch.linalg.solve(weighted.sum(dim=1), (weighted @ means).sum(dim=1))[..., 0]
