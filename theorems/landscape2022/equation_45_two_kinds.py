"""NAL and MAML converge to their own population solutions, on an environment where the two differ.

Collins, Mokhtari, Shakkottai 2022, Section 3 and Appendix D: the trained solutions converge "as T, n, n_1, tau -> infinity".
Tasks of two kinds are equally likely: covariance lambda and optimum 1, or a smaller covariance and optimum 0. The root mean square
error against the population solution, computed from the law of the tasks, falls like 1/sqrt(T) although n, n_1 and tau stay at one:
growing T is enough, for NAL as for MAML at its n_2 = 8.

Known limits: one feature, up to 1024 tasks, steps between 3/4 and 1 over lambda.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from sympy import sqrt, symbols

from impl.empirical_regression import Episodes, labels_of, train_maml, train_nal
from impl.meta_regression import RegressionTasks, maml_solution, nal_solution
from lakatos import Rate, claim, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.equation_45 import root_mean_square

INNER, REPETITIONS, SIZES = 8, 400, (8, 16, 128, 1024)
T = symbols("T", integer=True, positive=True)


@instances()
def two_kinds(draw):
    """One outer and eight inner samples for each task, steps near 1/lambda; T runs."""
    root = draw.positive("root")
    roots = torch.stack([root, root * draw.interval("ratio", 0.25, 0.5)], dim=-1)[..., None, None]
    optima = torch.stack([1 + 0 * root, 0 * root], dim=-1)[..., None, None]
    laws = RegressionTasks(optima, roots, 0 * roots[..., 0, 0] + 1 / 2, root * draw.interval("noise", 0, 1))
    alpha = draw.interval("alpha_lambda", 0.75, 1) / root**2
    return dict(laws=laws, alpha=alpha, T=draw.option("size", SIZES), n=draw.option("n", [1]))


def training_sets(laws: RegressionTasks, T: int, n: int) -> Episodes:
    """Independent training sets of T tasks with one episode of n outer and eight inner samples."""
    generator, many = torch.Generator().manual_seed(T + n), REPETITIONS * len(laws.noise)
    kind = torch.randint(2, (many, T), generator=generator)

    def normal(*shape: int) -> Any:
        return torch.randn(many, T, 1, *shape, generator=generator, dtype=laws.noise.dtype)

    def of_kind(values: Any) -> Any:
        return values[:, :, 0, 0].repeat_interleave(REPETITIONS, dim=0).gather(1, kind)

    root, optima = of_kind(laws.roots), of_kind(laws.optima)[..., None]
    sigma = laws.noise.repeat_interleave(REPETITIONS)[:, None, None, None]
    inputs = [root[:, :, None, None, None] * normal(m, 1) for m in (n, INNER)]
    labels = [labels_of(x, optima, sigma * normal(x.shape[3])) for x in inputs]
    return Episodes(inputs[0], labels[0], inputs[1], labels[1])


along_tasks = partial(
    claim, PAPER, "Section 3", Rate("O", over="size", grid=SIZES, margin=0.25, batch=1), entry="eq-45", on=two_kinds,
    right=1 / sqrt(T),
)  # fmt: skip


@along_tasks(variant="nal-own-solution", left=r"\|w_{NAL} - w_{NAL}^*\|")
def nal_error(laws: RegressionTasks, T: int, n: int) -> tuple[Any, Any]:
    """NAL's trained model converges to NAL's population solution at the rate 1/sqrt(T)."""
    data = training_sets(laws, T, n)
    w = train_nal(data.outer_inputs[:, :, 0], data.outer_labels[:, :, 0])
    return root_mean_square(w.reshape(-1, REPETITIONS) - nal_solution(laws))


@along_tasks(variant="maml-own-solution", left=r"\|w_{MAML} - w_{MAML}^*\|")
def maml_error(laws: RegressionTasks, alpha: Any, T: int, n: int) -> tuple[Any, Any]:
    """MAML's trained model converges to MAML's population solution for n_2 samples at the rate 1/sqrt(T)."""
    data = training_sets(laws, T, n)
    w = train_maml(data, alpha.repeat_interleave(REPETITIONS))
    return root_mean_square(w.reshape(-1, REPETITIONS) - maml_solution(laws, alpha, INNER))
