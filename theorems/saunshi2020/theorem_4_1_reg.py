"""Whatever the initialisation and penalty, regularised gradient flow needs Omega(d r^2 / eps) samples of a new task.

Saunshi et al. 2020, Theorem 4.1, first display. The paper proves it with an unprinted constant in an appendix; here
the constant is explicit. Started anywhere, the algorithm is affine in the labels. Averaged over the regressors of an
orthonormal frame of length r, such a learner cannot beat the posterior mean of a regressor with covariance r^2 I / d,
for any inputs X:

    excess >= (r^2/d) tr (I + X^T X / d)^{-1} >= r^2 / (1 + ||X||_F^2 / d^2).

Gaussian inputs do not tell one frame from another and have E ||X||_F^2 = n d. Hence E_n >= r^2 d / (d + n) and
n_eps >= d (r^2/eps - 1), which is at least d r^2 / (2 eps) for eps <= r^2/2: the printed rate, with the constant 1/2
for every d and every eps of the printed range.

Checked: the bound for fixed inputs on every instance, exactly in sign and noise; the printed rate on n_eps itself,
measured by runs on random inputs with the penalty optimised for every n. The best penalty is 2 d / n, where the first
bound above is an equality, and the smallest n_eps eps / (d r^2) tends to 3/4 for large d and eps near r^2/2 (0.923 at
d = 1, 0.752 at 128).

Beyond the printed range the rate fails: for eps = r^2 (1 - 1/d) some three samples are enough in every dimension.
What remains there is n_eps >= d (r^2/eps - 1).

Known limits: n_eps carries the sampling error of finitely many designs, and the margin of the rate in d leaves room
for it and for the drift of the constant from 1 to 3/4. A positive penalty forgets the start; a penalty of zero, which
is never the best one, enters the bound for fixed inputs only.
"""

import torch

from exactarray import namespace
from impl.gradient_descent import regularized_gradient_flow
from impl.linear_regression import (
    compressed_gaussian_designs,
    expected_excess_risk,
    isotropic_excess_risk,
    sample_complexity,
    smallest_mean,
)
from lakatos import Inequality, Rate, claim, fix, instances, when
from theorems.saunshi2020 import PAPER, full_rank_design
from theorems.saunshi2020.accuracies import FIXED_INPUTS, PRINTED, beyond_half, printed_range_up_to

printed_range = printed_range_up_to(8)

PENALTIES = (1 / 2, 1, 2)


@claim(
    PAPER, "Theorem 4.1", Rate("Omega", over="accuracy", grid=(2.01, 4, 16, 64, 256, 1024), batch=4),
    entry="thm-4.1-reg", variant="printed-in-eps", name="samples_needed_as_eps_falls", right=PRINTED, on=printed_range,
    left=r"\min_\lambda n_\epsilon(\mathrm{GD}_{\mathrm{reg}}^\lambda(\cdot; w_0), \mu_{w_*})",
)  # fmt: skip
@claim(
    PAPER, "Theorem 4.1", Rate("Omega", over="d", grid=(1, 2, 4, 8, 16, 32), margin=0.25, batch=2),
    entry="thm-4.1-reg", variant="printed-in-d", name="samples_needed_as_d_grows", right=PRINTED, on=printed_range,
    left=r"\min_\lambda n_\epsilon(\mathrm{GD}_{\mathrm{reg}}^\lambda(\cdot; w_0), \mu_{w_*})",
)  # fmt: skip
@claim(
    PAPER, "Theorem 4.1 without eps < r^2/2", Rate("Omega", over="d", grid=(2, 4, 8, 16, 32), batch=4),
    entry="thm-4.1-reg", variant="eps-beyond-half", name="samples_needed_beyond_half", right=PRINTED, on=beyond_half,
    left=r"\min_\lambda n_\epsilon(\mathrm{GD}_{\mathrm{reg}}^\lambda(\cdot; w_0), \mu_{w_*})",
    expect="refuted", reason="missing assumption", corrected="samples_needed_as_d_grows",
    because="Without eps < r^2/2 the rate is not uniform: for eps = r^2 (1 - 1/d) some three samples are enough in "
    "every dimension, far fewer than any multiple of d.",
)  # fmt: skip
def samples_needed(d, r, sigma, epsilon, start, seed):
    """The samples that the best penalty needs for excess risk eps, from any start, are of order d r^2 / eps at least."""

    def excess_risk(n):
        X, noise = compressed_gaussian_designs(n, d, samples=max(256 // d, 8), seed=seed)
        risks = []
        for relative in PENALTIES:
            penalty = (relative * 2 * d / n)[:, None]
            risks.append(
                isotropic_excess_risk(
                    lambda X, y, penalty=penalty: regularized_gradient_flow(X, y, start[:, None, :, None], penalty),
                    X, r[:, None], sigma[:, None] * noise,
                )
            )  # fmt: skip
        return smallest_mean(torch.stack(risks))

    return sample_complexity(excess_risk, epsilon, limit=10**6)


@instances(
    strata={
        "n < d": when(lambda n, d: n < d),
        "n = d": when(lambda n, d: n == d),
        "n > d": when(lambda n, d: n > d),
        "d = 1": fix(d=1),
        "no penalty": fix(flow="unpenalised"),
        "best penalty": fix(flow="penalised", relative_penalty=1),
        "start at zero": fix(start=0),
    },
)
def fixed_inputs(draw):
    n, d = draw.integer("n", 1, 3), draw.integer("d", 1, 3)
    relative = draw.positive("relative_penalty")
    if draw.option("flow", ["penalised", "unpenalised"]) == "penalised":
        X, penalty = draw.real("inputs", n, d), relative * 2 * d / n
    else:
        X, penalty = full_rank_design(draw, n, d), 0 * relative
    return {
        "X": X, "penalty": penalty, "r": draw.positive("r"),
        "frame": draw.orthogonal("frame", d), "start": draw.real("start", d),
    }  # fmt: skip


@claim(
    PAPER, "Theorem 4.1", Inequality(">="), entry="thm-4.1-reg", variant="explicit-constant", right=FIXED_INPUTS,
    on=fixed_inputs, left=r"\mathbb{E}_{w_*, s, \xi} \|\mathrm{GD}_{\mathrm{reg}}^\lambda(S; w_0) - s w_*\|^2",
)  # fmt: skip
def excess_for_fixed_inputs(X, frame, r, start, penalty):
    """For any inputs, start and penalty, the excess risk averaged over a frame of regressors is bounded below."""

    def learner(X, y):
        return regularized_gradient_flow(X, y, start[:, None, :, None], penalty[:, None])

    excess = expected_excess_risk(learner, X[:, None], r[:, None, None] * frame, r[:, None])
    return namespace(excess).sum(excess, axis=-1) / frame.shape[-1]
