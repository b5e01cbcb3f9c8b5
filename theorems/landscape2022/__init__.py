"""Collins, Mokhtari, Shakkottai 2022: when MAML gains over a model that is trained without adaptation (NAL)."""

from lakatos import Paper

PAPER = Paper(
    "landscape2022",
    "How Does the Task Landscape Affect MAML Performance?",
    authors=("Liam Collins", "Aryan Mokhtari", "Sanjay Shakkottai"),
    venue="CoLLAs",
    year=2022,
    url="https://arxiv.org/abs/2010.14672",
)
