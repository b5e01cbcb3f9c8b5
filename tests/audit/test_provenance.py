"""The fingerprint of a theorem file: its own text and that of its project, and nothing of the environment."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakatos.provenance import fingerprint


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with its environment inside, as tox makes it."""
    packages = tmp_path / ".tox/theorems/lib/python3/site-packages"
    packages.mkdir(parents=True)
    (packages / "somebodys_library.py").write_text("x = 1\n")
    (tmp_path / "own_module.py").write_text("y = 1\n")
    (tmp_path / "lemma_1.py").write_text("import own_module\nimport somebodys_library\n")
    for place in (packages, tmp_path):
        monkeypatch.syspath_prepend(str(place))
    for name in ("somebodys_library", "own_module"):
        importlib.import_module(name)
    fingerprint.cache_clear()
    yield tmp_path
    for name in ("somebodys_library", "own_module"):
        sys.modules.pop(name, None)


def changed(project: Path, name: str) -> bool:
    from lakatos import provenance

    before = fingerprint(project / "lemma_1.py")
    place = next(project.rglob(name))
    place.write_text(place.read_text() + "z = 2\n")
    fingerprint.cache_clear()
    provenance._tree.cache_clear()
    return fingerprint(project / "lemma_1.py") != before


@pytest.mark.parametrize(("name", "expected"), [("lemma_1.py", True), ("own_module.py", True), ("somebodys_library.py", False)])
def test_what_changes_the_fingerprint(project: Path, name: str, expected: bool) -> None:
    assert changed(project, name) == expected
