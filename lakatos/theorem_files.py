"""Which files claims are collected from."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from pathlib import Path

import pytest

_WORDS = (
    "theorem",
    "lemma",
    "corollary",
    "proposition",
    "definition",
    "equation",
    "figure",
    "table",
    "section",
    "remark",
    "conjecture",
    "algorithm",
)
PATTERNS = tuple(pattern for word in _WORDS for pattern in (f"{word}_*.py", f"{word}.py"))
"""Names of theorem files, unless the configuration says otherwise: "lemma_4_8.py", "theorem.py"."""


def matches(path: Path, patterns: Iterable[str]) -> bool:
    """Whether the file's name (or its path, for a pattern with a slash) matches one of the patterns."""
    return any(path.match(pattern) if "/" in pattern else fnmatch.fnmatch(path.name, pattern) for pattern in patterns)


def _speaks_of_claims(path: Path) -> bool:
    # Names such as table_utils.py are common in other projects: only a file that mentions the package is its business.
    try:
        return b"lakatos" in path.read_bytes()
    except OSError:
        return False


def is_theorem_file(path: Path, config: pytest.Config, *, explicit: bool) -> bool:
    """Whether claims are collected from ``path``: by its name, or because it is named on the command line.

    A file that pytest takes for tests stays a file of tests, whatever it mentions.
    """
    if path.suffix != ".py":
        return False
    named = matches(path, config.getini("lakatos_files"))
    return (named or (explicit and not matches(path, config.getini("python_files")))) and _speaks_of_claims(path)
