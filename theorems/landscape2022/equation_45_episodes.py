"""MAML converges along the number of episodes, at the rate 1/sqrt(tau), and not along the number of outer samples.

Collins, Mokhtari, Shakkottai 2022, Section 3 and Appendix D: the trained solutions converge "as T, n, n_1, tau -> infinity"; Theorem 3
has 1/sqrt(tau) in the term that depends on samples, and no n_1. Eight tasks with one covariance and one optimum leave nothing of
Theorem 3 but that term: the root mean square error of MAML's trained model falls like 1/sqrt(tau) and no faster. For one episode, however
many outer samples it has, the error stays: the noise of the inner samples enters through the step and is averaged over
episodes alone.

Known limits: one feature, up to 64 episodes or 10^4 outer samples, n_2 = 2, steps between 1/2 and 3/4 over lambda.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from sympy import sqrt, symbols

from impl.empirical_regression import Episodes, labels_of, train_maml
from lakatos import Rate, claim, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.equation_45 import root_mean_square

TASKS, INNER, EXAMPLES = 8, 2, 4 * 10**5
EPISODES, OUTER = (2, 4, 8, 64), (10, 100, 1000, 10**4)
tau, n_1 = symbols("tau n_1", integer=True, positive=True)


def one_law(draw: Any, n_1: int, tau: int) -> dict[str, Any]:
    """Covariance lambda I and the optimum zero for every task, noise in units of sqrt(lambda)."""
    scale = draw.positive("scale")
    return dict(n_1=n_1, tau=tau, scale=scale, noise=draw.interval("noise", 0.75, 1),
                alpha=draw.interval("alpha_lambda", 0.5, 0.75) / scale)  # fmt: skip


@instances()
def along_episodes(draw):
    """Few outer samples; the number of episodes runs."""
    return one_law(draw, draw.option("n_1", [1]), draw.option("size", EPISODES))


@instances()
def along_outer_samples(draw):
    """One episode; the number of outer samples runs."""
    return one_law(draw, draw.option("size", OUTER), 1)


converges = partial(claim, PAPER, entry="eq-45", left=r"\|w_{MAML} - w_{MAML}^*\|")
over = partial(Rate, "Theta", over="size", margin=0.25, batch=1)


@converges("Theorem 3", over(grid=EPISODES), name="error_along_episodes", variant="maml-along-tau-attained", on=along_episodes,
           right=1 / sqrt(tau))  # fmt: skip
@converges("Section 3", over(grid=OUTER), name="error_along_outer_samples", variant="maml-along-n_1-stays", on=along_outer_samples,
           right=1)  # fmt: skip
def maml_error(n_1: int, tau: int, scale: Any, noise: Any, alpha: Any) -> tuple[Any, Any]:
    """The root mean square error of MAML's trained model.

    A rotation of the outer samples of an episode leaves the loss, up to a constant, to one of them, as long as them all.
    """
    repetitions = min(1000, EXAMPLES // (TASKS * tau * (1 + INNER)))
    generator, many = torch.Generator().manual_seed(tau + n_1), repetitions * len(scale)
    like, lengths = dict(generator=generator, dtype=scale.dtype), np.random.default_rng(tau + n_1)
    optima = torch.zeros(many, TASKS, 1, dtype=scale.dtype)

    def of_each(values: Any) -> Any:
        return values.repeat_interleave(repetitions)[:, None, None, None]

    def labelled(x: Any) -> tuple[Any, Any]:
        inputs = (of_each(scale.sqrt()) * x)[..., None]
        return inputs, labels_of(inputs, optima, of_each(scale.sqrt() * noise) * torch.randn(*x.shape, **like))

    outer = labelled(torch.as_tensor(lengths.chisquare(n_1, (many, TASKS, tau, 1)), dtype=scale.dtype).sqrt())
    inner = labelled(torch.randn(many, TASKS, tau, INNER, **like))
    w = train_maml(Episodes(*outer, *inner), alpha.repeat_interleave(repetitions))
    return root_mean_square(w.reshape(-1, repetitions))
