"""Yüksel, Boursier, Flammarion 2024: first-order ANIL learns a linear representation despite overparametrization."""

from lakatos import Paper

PAPER = Paper(
    "foanil2024",
    "First-order ANIL provably learns representations despite overparametrization",
    authors=("Oğuz Kaan Yüksel", "Etienne Boursier", "Nicolas Flammarion"),
    venue="ICLR",
    year=2024,
    url="https://arxiv.org/abs/2303.01335",
)
