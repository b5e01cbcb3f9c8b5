"""Ji, Lee, Liang and Poor 2020: ANIL, meta-learning that adapts only part of its parameters."""

from lakatos import Paper

PAPER = Paper(
    "ji2020",
    "Convergence of Meta-Learning with Task-Specific Adaptation over Partial Parameters",
    authors=("Kaiyi Ji", "Jason D. Lee", "Yingbin Liang", "H. Vincent Poor"),
    venue="NeurIPS",
    year=2020,
    url="https://arxiv.org/abs/2006.09486",
)
