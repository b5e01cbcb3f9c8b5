"""Ji, Lee, Liang and Poor 2020: ANIL, meta-learning that adapts only part of its parameters."""

from lakatos import Paper

CONTENTS = (
    "prop-1-metagrad", "lem-gradbounds", "prop-2.1-dw", "prop-2.1-dphi", "prop-2.2-dw", "prop-2.2-dphi",
    "prop-2-trend", "thm-1-rates", "thm-1-complexity", "claim-U-shape", "claim-kappa-large", "prop-3", "thm-2",
    "thm-2-complexity", "tab-1-ji", "lem-contraction", "tab-2-counts", "tab-2-factor-sc", "tab-2-factor-nc",
    "fig-1-ji", "fig-2-ji",
)  # fmt: skip

PAPER = Paper(
    "ji2020",
    "Convergence of Meta-Learning with Task-Specific Adaptation over Partial Parameters",
    authors=("Kaiyi Ji", "Jason D. Lee", "Yingbin Liang", "H. Vincent Poor"),
    venue="NeurIPS",
    year=2020,
    url="https://arxiv.org/abs/2006.09486",
    contents=CONTENTS,
)
