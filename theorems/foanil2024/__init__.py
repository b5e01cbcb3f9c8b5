"""Yüksel, Boursier, Flammarion 2024: first-order ANIL learns a linear representation despite overparametrization."""

from lakatos import Paper

CONTENTS = (
    "no-split-overfit", "eq4-inner-step", "eq5-eq6-outer", "eq7-second-moment", "thm-1-limits", "lambda-star",
    "conj-general-covariance", "sketch-monotone-perp", "sketch-monotone-Bw", "sketch-monotone-Lambda",
    "rank-deficient-limit", "zero-function-limit", "scale-alpha-inverse", "thm-F-global-min",
    "shrinkage-significance", "unbiased-vs-shrinkage", "slow-for-large-m", "infinite-samples-no-unlearning",
    "eq9-eq11-onestep", "prop-1", "ols-comparison", "bm-full-rank", "bm-infinite-samples",
    "kprime-dependence-mininf", "conj-nonzero-mean", "fig-2-fig-3", "table-1", "app-H-rate",
    "infinite-samples-third-limit-rate", "app-A-residual",
)  # fmt: skip

PAPER = Paper(
    "foanil2024",
    "First-order ANIL provably learns representations despite overparametrization",
    authors=("Oğuz Kaan Yüksel", "Etienne Boursier", "Nicolas Flammarion"),
    venue="ICLR",
    year=2024,
    url="https://arxiv.org/abs/2303.01335",
    contents=CONTENTS,
)
