"""Collins, Mokhtari, Shakkottai 2022: when MAML gains over a model that is trained without adaptation (NAL)."""

from lakatos import Paper

CONTENTS = (
    "maml-le-nal", "fig-1", "eq-5", "hardness-gd", "prop-1", "eq-8", "eq-9", "sec3.1-aH-gt-aE", "sec3.1-limits",
    "fig-2", "cor-1", "cor-2", "fig-3", "thm-1", "fig-4-6", "tab-1", "eq-1-closed", "eq-16", "lem-1", "tab-3",
    "eq-41", "eq-46", "eq-52", "eq-65", "thm-2", "eq-45", "lem-2", "eq-86", "lem-3", "lem-4", "thm-3",
)  # fmt: skip

PAPER = Paper(
    "landscape2022",
    "How Does the Task Landscape Affect MAML Performance?",
    authors=("Liam Collins", "Aryan Mokhtari", "Sanjay Shakkottai"),
    venue="CoLLAs",
    year=2022,
    url="https://arxiv.org/abs/2010.14672",
    contents=CONTENTS,
)
