"""Fallah, Mokhtari, Ozdaglar 2020: convergence of MAML, FO-MAML and HF-MAML."""

from lakatos import Paper

PAPER = Paper(
    "fallah2020",
    "On the Convergence Theory of Gradient-Based Model-Agnostic Meta-Learning Algorithms",
    authors=("Alireza Fallah", "Aryan Mokhtari", "Asuman Ozdaglar"),
    venue="AISTATS",
    year=2020,
    url="https://arxiv.org/abs/1908.10400",
)
