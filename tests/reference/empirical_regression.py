"""Slow references for impl.empirical_regression: one instance, task and episode at a time, with autograd through the step."""

import torch


def sample_loss(w, inputs, labels, loss):
    return ((inputs @ w - labels) ** 2).sum() / 2 / (len(labels) if loss == "mean" else 1)


def nal_loss(w, inputs, labels, loss):
    rows = []
    for b in range(len(inputs)):
        tasks = [sample_loss(w[b], inputs[b, i], labels[b, i], loss) for i in range(inputs.shape[1])]
        rows.append(sum(tasks) / len(tasks))
    return torch.stack(rows)


def maml_loss(w, episodes, step, loss):
    rows = []
    for b in range(len(w)):
        total, count = 0, 0
        for i in range(episodes.outer_inputs.shape[1]):
            for j in range(episodes.outer_inputs.shape[2]):
                inner = sample_loss(w[b], episodes.inner_inputs[b, i, j], episodes.inner_labels[b, i, j], loss)
                (gradient,) = torch.autograd.grad(inner, w, create_graph=True)
                adapted = w[b] - step[b] * gradient[b]
                total = total + sample_loss(adapted, episodes.outer_inputs[b, i, j], episodes.outer_labels[b, i, j], loss)
                count += 1
        rows.append(total / count)
    return torch.stack(rows)


def preconditioned_covariance(outer, inner, step):
    """One episode: P X^T X P by its definition."""
    P = torch.eye(inner.shape[1], dtype=inner.dtype) - step / len(inner) * sum(torch.outer(x, x) for x in inner)
    return P @ sum(torch.outer(x, x) for x in outer) @ P
