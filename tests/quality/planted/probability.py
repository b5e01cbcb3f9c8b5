"""Probabilities and expectations that have to be sampled."""

from __future__ import annotations

from typing import Any

import sympy
import torch

from lakatos import Expectation, Probability
from lakatos.claims import Claim
from tests.lakatos.made import family, made
from tests.quality.planted.families import positives


@family
def factors(draw: Any) -> dict[str, Any]:
    return {"k": draw.integer("k", 2, 4), "x": draw.positive("x")}


def uniform(x: Any, trials: int, generator: torch.Generator, *shape: int) -> Any:
    return torch.rand(len(x), trials, *shape, generator=generator, dtype=torch.float64, device=x.device)


def happens(event: Any) -> Any:
    return event.to(torch.float64)


def coin(x: Any, trials: int, generator: torch.Generator) -> Any:
    """Heads."""
    return happens(uniform(x, trials, generator) < 1 / 2)


def large(x: Any, k: int, trials: int, generator: torch.Generator) -> Any:
    """A variable of mean x, namely k x with probability 1/k and else 0, reaches k times its mean."""
    value = torch.where(uniform(x, trials, generator) < 1 / k, k * x[:, None], 0.0)
    return happens(value >= k * x[:, None])


def far(x: Any, k: int, trials: int, generator: torch.Generator) -> Any:
    """A variable of standard deviation x, namely k x or -k x with probability 1/(2 k^2) each, is k deviations away."""
    u = uniform(x, trials, generator)
    value = torch.where(u < 1 / (2 * k**2), -k * x[:, None], torch.where(u > 1 - 1 / (2 * k**2), k * x[:, None], 0.0))
    return happens(abs(value) >= k * x[:, None])


def shared_birthday(x: Any, trials: int, generator: torch.Generator) -> Any:
    """Two of 23 people have the same birthday."""
    days = (365 * uniform(x, trials, generator, 23)).floor().sort(dim=-1).values
    return happens((days.diff(dim=-1) == 0).any(dim=-1))


def larger_of_two(x: Any, trials: int, generator: torch.Generator) -> Any:
    """The larger of two uniform numbers exceeds one half."""
    return happens(uniform(x, trials, generator, 2).amax(dim=-1) > 1 / 2)


def mean_of_larger(x: Any, trials: int, generator: torch.Generator) -> Any:
    """The mean of the larger number over 16 pairs."""
    return uniform(x, trials, generator, 16, 2).amax(dim=-1).mean(dim=-1)


def biased_variance(x: Any, trials: int, generator: torch.Generator) -> Any:
    """The variance of four signs about their mean, divided by four."""
    signs = torch.where(uniform(x, trials, generator, 4) < 1 / 2, -1.0, 1.0).to(torch.float64)
    return ((signs - signs.mean(dim=-1, keepdim=True)) ** 2).mean(dim=-1)


k = sympy.Symbol("k", positive=True)


def tenth(numerator: int) -> sympy.Rational:
    return sympy.Rational(numerator, 1000)


FALSE: dict[str, Claim] = {
    "the larger of two exceeds 1/2 with probability 0.825 (subtle)": made(
        larger_of_two, tenth(825), Probability(">="), positives
    ),
    "the mean of the larger of two is at most 0.61 (subtle)": made(
        mean_of_larger, tenth(610), Expectation("<=", bounds=(0, 1)), positives
    ),
    "a fair coin shows heads with probability 0.6": made(coin, tenth(600), Probability(">="), positives),
    "Markov with half the bound": made(large, 1 / (2 * k), Probability("<="), factors),
    "Chebyshev with half the bound": made(far, 1 / (2 * k**2), Probability("<="), factors),
    "23 people share a birthday with probability at most 0.4": made(shared_birthday, tenth(400), Probability("<="), positives),
    "the variance over n is unbiased": made(biased_variance, tenth(1000), Expectation(">=", bounds=(0, 1)), positives),
}

TRUE: dict[str, Claim] = {
    "the larger of two exceeds 1/2 with probability 3/4 (tight)": made(
        larger_of_two, tenth(750), Probability(">=", margin=0.15), positives
    ),
    "Markov (tight)": made(large, 1 / k, Probability("<=", margin=0.15), factors),
    "Chebyshev (tight)": made(far, 1 / k**2, Probability("<=", margin=0.15), factors),
    "the mean of the larger of two is at most 2/3 (tight)": made(
        mean_of_larger, sympy.Rational(2, 3), Expectation("<=", bounds=(0, 1), margin=0.1), positives
    ),
    "23 people share a birthday with probability at least 0.4": made(shared_birthday, tenth(400), Probability(">="), positives),
    "the variance over n is at most that over n - 1": made(
        biased_variance, tenth(1000), Expectation("<=", bounds=(0, 1)), positives
    ),
}
