"""How fast NAL's trained model approaches that of the environment: O(sqrt(d/n) + 1/sqrt(T)), and what of it is attained.

Collins, Mokhtari, Shakkottai 2022, (45): with probability 1 - o(1), for n of order d and T of order Var + Var (up to logarithms; a
number of tasks cannot be compared with a variance, which has units). Checked by training on sampled data: one covariance, optima
B u_i with random unit vectors u_i, noise of the labels' size; the root mean square error relative to B, with its standard error.

The bound holds along n = T, along n, and for fixed n / d along d. It is not attained as n, T -> infinity: the samples' part falls
like sqrt(d / (n T)), not sqrt(d / n), so that n need not grow at all: with one sample for each task the model converges at the
rate 1/sqrt(T). Without the term 1/sqrt(T) the bound is false; in T alone the exponent -1/2 is attained, and so it is in n alone where
the tasks share one optimum, which leaves the noise. In closed form, at d = 1 the mean square is
B^2 (n + 2) / (T n + 2) + sigma^2 / (lambda (T n - 2)).

Known limits: n or T up to 2048, both up to 32, d up to 8; "1 - o(1)" enters through the mean square, which is stronger where it converges.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from sympy import sqrt, symbols

from exactarray import norm
from impl.empirical_regression import labels_of, train_nal
from lakatos import Rate, claim, instances
from theorems.landscape2022 import PAPER

T, d, n = symbols("T d n", integer=True, positive=True)
noise = symbols("noise", nonnegative=True)
ENTRIES = 5 * 10**5
SHORT, LONG = (4, 8, 16, 32), (8, 64, 512, 2048)


def environment(draw: Any, d: int, T: int, n: int) -> dict[str, Any]:
    """Covariance lambda I, optima on a sphere of radius one, noise in units of the labels."""
    return dict(d=d, T=T, n=n, scale=draw.positive("scale"), noise=draw.interval("noise", 0, 1))


@instances()
def along_both(draw):
    """As many samples as tasks."""
    size = draw.option("size", SHORT)
    return environment(draw, draw.option("d", [1, 2]), size, size)


@instances()
def along_tasks(draw):
    """One feature, a fixed number of samples for each task, one among them."""
    return environment(draw, 1, draw.option("size", LONG), draw.option("n", [1, 2]))


@instances()
def along_samples(draw):
    """A fixed number of tasks."""
    return environment(draw, draw.option("d", [1, 2]), draw.option("T", [2]), draw.option("size", LONG))


@instances()
def one_optimum(draw):
    """A fixed number of tasks with one optimum, at zero: nothing but the noise is left of the error."""
    made = environment(draw, draw.option("d", [1, 2]), draw.option("T", [2]), draw.option("size", LONG))
    return {**made, "noise": draw.interval("noise_share", 0.75, 1), "B": 0}


@instances()
def along_features(draw):
    """Four samples for each feature, four tasks."""
    size = draw.option("size", SHORT)
    return environment(draw, size // 4, 4, size)


def errors(d: int, T: int, n: int, scale: Any, noise: Any, B: float = 1) -> Any:
    """Lengths ``(batch, repetitions)`` of trained models; the environment's model is zero, and optima have length B."""
    repetitions = min(1000, ENTRIES // (T * n * d))
    generator, many = torch.Generator().manual_seed(1000 * d + T + n), repetitions * len(scale)

    def normal(*shape: int) -> Any:
        return torch.randn(many, T, *shape, generator=generator, dtype=scale.dtype)

    root, sigma = (v.repeat_interleave(repetitions)[:, None, None] for v in (scale.sqrt(), scale.sqrt() * noise))
    optima = normal(d)
    optima = B * optima / norm(optima)[..., None]
    inputs = root[..., None] * normal(n, d)
    labels = labels_of(inputs, optima, sigma * normal(n))
    return norm(train_nal(inputs, labels)).reshape(-1, repetitions)


def root_mean_square(lengths: Any) -> tuple[Any, Any]:
    """The root of the mean square over repetitions and its standard error, each ``(batch,)``."""
    square = lengths**2
    value = square.mean(dim=1).sqrt()
    return value, square.std(dim=1) / lengths.shape[1] ** 0.5 / (2 * value)


nal = partial(claim, PAPER, "Equation (45)", entry="eq-45", left=r"\|w_{NAL} - w_{NAL}^*\|")
over_short, over_long = (partial(Rate, over="size", grid=grid, margin=0.25, batch=1) for grid in (SHORT, LONG))
BOUND = sqrt(d / n) + 1 / sqrt(T)
ONE_FEATURE = sqrt((n + 2) / (T * n + 2) + noise**2 / (T * n - 2))


@nal(kind=over_short("O"), name="error_along_samples_and_tasks", variant="along-n-and-T", on=along_both, right=BOUND,
     rests_on=("landscape2022/thm-2/corrected",))  # fmt: skip
@nal(kind=over_long("O"), name="error_along_samples", variant="along-n", on=along_samples, right=BOUND)
@nal(kind=over_short("O"), name="error_along_features", variant="along-d", on=along_features, right=BOUND)
@nal(kind=over_long("Theta"), name="error_along_tasks", variant="along-T-attained", on=along_tasks, right=1 / sqrt(T))
@nal(kind=over_long("Theta"), name="error_with_one_feature", variant="one-feature-exact", on=along_tasks,
     right=ONE_FEATURE)  # fmt: skip
def nal_error(d: int, T: int, n: int, scale: Any, noise: Any) -> tuple[Any, Any]:
    """The root mean square error of NAL's trained model, relative to the optima."""
    return root_mean_square(errors(d, T, n, scale, noise))


@nal(kind=over_long("Theta"), variant="along-n-attained", on=one_optimum, right=sqrt(d / n))
def noise_error(d: int, T: int, n: int, scale: Any, noise: Any, B: float) -> tuple[Any, Any]:
    """The root mean square error of NAL's trained model where all tasks share one optimum."""
    return root_mean_square(errors(d, T, n, scale, noise, B))
