"""The variance of an entry of an episode's preconditioned covariance, on which Lemma 3 rests.

Collins, Mokhtari, Shakkottai 2022, Appendix D.2, (94) to (98), for one episode (tau of them divide it by tau): at most
730 c d^2 alpha^4 "for some absolute constant c"; Lemma 3 has d^2 alpha^4 L^6. Checked by running every data set of an exact rule.

(98) lost L^6: at fixed alpha L its right side falls like L^-4 and the variance grows like L^2. With L^6 it still fails as
alpha L -> 0, where the variance tends to that of the plain sample covariance, of order L^2: the proof drops the terms of lower
order in alpha ("dominated by the higher-order terms"), which only long steps allow. For every step the variance is at most
3 L^2 (1 + alpha L (105 d^2)^{1/4})^4, which bounds the second moment: the variance itself is 2 L^2 at d = n_1 = 1 without a step and,
at n_2 = 1, tends to (315 - 9) alpha^4 L^6, 0.971 of the bound, as alpha L grows.

(96) prints 2 (W S)(k, s) where the episode has (W S + S W)(k, s), with the inner and outer covariances W and S, and (97) misses
the pairs r = l', l = r', h = h' among the terms whose mean is not zero.

Known limits: d = 1 and up to two samples of each kind, or d = 2 and one.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Rational, symbols

from impl.empirical_regression import Episodes, covariance, preconditioned_covariance
from impl.episode_moments import EpisodeRule, first_entry_variance
from lakatos import Identity, Inequality, Rate, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.single_episodes import any_steps, index_patterns, scaled_inputs, vanishing_steps
from theorems.landscape2022.training_sets import episodes

d = symbols("d", integer=True, positive=True)
alpha, L = symbols("alpha L", positive=True)
WITH_UNITS = alpha**4 * d**2 * L**6
CORRECTED = 3 * L**2 * (1 + alpha * L * (105 * d**2) ** Rational(1, 4)) ** 4

lemma = partial(claim, PAPER, entry="lem-3")
variance = partial(lemma, label="Equation (98)", left=r"Var(\hat Q_{i,j}(k, s) / n_1)")
over_steps = Rate("O", over="inverse_step", grid=(1, 10, 100, 1000, 10**4), batch=4)
over_L = Rate("O", over="root_L", grid=(1, 2, 4, 8, 16), batch=4)
ONE = dict(shape="1,1,1", root_L=1, share=[1], inverse_step=1)


@variance(kind=Inequality("<="), name="variance_at_any_step", variant="variance-explicit", on=any_steps, right=CORRECTED)
@variance(
    kind=over_steps, name="variance_at_vanishing_steps", variant="variance-corrected", on=vanishing_steps, right=CORRECTED
)
@variance(
    kind=over_steps, name="variance_of_lemma_3", variant="variance-with-units", on=vanishing_steps, right=WITH_UNITS,
    expect="refuted", reason="missing assumption", corrected="variance_at_any_step", witness=ONE,
    because="As alpha L -> 0 the variance tends to that of X^T X / n_1, not to zero: terms of lower order in alpha were dropped.",
)  # fmt: skip
@variance(
    kind=over_L, name="variance_of_98", variant="variance-printed", on=scaled_inputs, right=alpha**4 * d**2, expect="refuted",
    reason="misprint", corrected="variance_at_any_step", witness=ONE,
    because="The factor L^6 of the line before is lost: at fixed alpha L the variance grows like L^2.",
)  # fmt: skip
def variance_of_entries(root: Any, alpha: Any, n_1: int, n_2: int) -> Any:
    """The variance of the first entry of an episode's P X^T X P / n_1, in the direction of the largest covariance."""
    return first_entry_variance(root, alpha, n_1, n_2)


def blocks(data: Episodes, alpha: Any) -> tuple[Any, Any, Any]:
    """Outer covariance S, inner covariance W, and alpha in their shape."""
    return covariance(data.outer_inputs), covariance(data.inner_inputs), alpha[:, None, None, None, None]


def display_96(data: Episodes, alpha: Any) -> Any:
    """The matrix whose entries (96) prints."""
    S, W, a = blocks(data, alpha)
    return S - 2 * a * (W @ S) + a * a * (W @ S @ W)


def display_96_symmetric(data: Episodes, alpha: Any) -> Any:
    """(96) with W S + S W for 2 W S."""
    S, W, a = blocks(data, alpha)
    return S - a * (W @ S + S @ W) + a * a * (W @ S @ W)


@lemma(kind=Identity(), name="entries_with_both_orders", label="Equation (96)", variant="entries-corrected", on=episodes,
       right=display_96_symmetric, left=r"\hat Q_{i,j} / n_1")  # fmt: skip
@lemma(
    kind=Identity(), name="entries_of_96", label="Equation (96)", variant="entries-printed", on=episodes, right=display_96,
    left=r"\hat Q_{i,j} / n_1", expect="refuted", reason="misprint", corrected="entries_with_both_orders",
    because="The middle term of (96) is -2 alpha (W S)(k, s), which is not symmetric in k and s; it should be W S + S W.",
    witness=dict(d=2, tasks=1, tau=1, n_1=2, n_2=1, outer_lower=[[0, 0], [0, 0]], outer_diagonal=[1, 2],
                 outer_rotation=[[0, 0], [0, 0]], inner=[[[[1, 1]]]], alpha_share="1/2", optima=[[0, 0]], noise=0,
                 z_out=[[[0, 0]]], z_in=[[[0]]], w=[0, 0]),
)  # fmt: skip
def entries_of_episode(data: Episodes, alpha: Any, n_1: int) -> Any:
    """Every entry of an episode's preconditioned covariance over n_1 is (96)."""
    return preconditioned_covariance(data, alpha) / n_1


@lemma(
    kind=Identity(), label="Equation (97)", variant="pairs-printed", on=index_patterns, right=0, left="E[...]", expect="refuted",
    reason="false", corrected="variance_at_any_step", witness=dict(r=0, l=1, r_=1, l_=0, k=0, s=0),
    because="The pairs r = l', l = r' fall under neither (i) nor (ii); with k = s = r and d = 2 the mean is 15.",
)  # fmt: skip
def other_terms(root: Any, r: int, l: int, r_: int, l_: int, k: int, s: int) -> Any:
    """(97): a term x_r x_l x_r' x_l' <y_l, y_s> <y_k, y_r> <y_l', y_s> <y_k, y_r'> other than (i) and (ii) has mean zero."""
    rule = EpisodeRule(root, 1, 1)
    x, y = rule.episodes.outer_inputs[..., 0, :], rule.episodes.inner_inputs[..., 0, :]
    outer = x[..., r] * x[..., l] * x[..., r_] * x[..., l_]
    inner = y[..., l] * y[..., r] * y[..., l_] * y[..., r_] * (y[..., s] * y[..., k]) ** 2
    return rule.mean(outer * inner)
