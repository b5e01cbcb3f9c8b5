"""Fallah, Mokhtari, Ozdaglar 2020: convergence of MAML, FO-MAML and HF-MAML."""

from lakatos import Paper

CONTENTS = (
    "fig-1", "tab-1-runtime", "tab-1-samples", "tab-1-kshot", "eq-6-grad", "eq-7-unbiased", "eq-9-hvp",
    "eq-10-11-hf", "lem-4.8-smoothness", "claim-F-not-smooth", "lem-4.9-stepsize", "lem-4.10-bias",
    "lem-4.10-second", "claim-gk-biased", "thm-4.11-Fhat", "rem-4.14", "thm-4.12-maml", "cor-4.13",
    "thm-4.15-fomaml", "cor-4.16", "claim-FO-floor", "thm-4.17-hfmaml", "claim-hf-recovers",
)  # fmt: skip

PAPER = Paper(
    "fallah2020",
    "On the Convergence Theory of Gradient-Based Model-Agnostic Meta-Learning Algorithms",
    authors=("Alireza Fallah", "Aryan Mokhtari", "Asuman Ozdaglar"),
    venue="AISTATS",
    year=2020,
    url="https://arxiv.org/abs/1908.10400",
    contents=CONTENTS,
)
