"""``lakatos new`` writes files that hold as they are, and spoils nothing that is there."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from typer.testing import CliRunner

import lakatos
from lakatos import hunt
from lakatos.cli import app
from lakatos.commands.new import kinds
from lakatos.kinds import Kind
from lakatos.power.catalogue import load
from lakatos.reports import files


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def new(*arguments):
    return CliRunner().invoke(app, ["new", *arguments])


def test_every_kind_has_a_template():
    exported = [getattr(lakatos, name) for name in lakatos.__all__]
    assert kinds() == sorted(kind.name for kind in exported if isinstance(kind, type) and issubclass(kind, Kind))


@pytest.mark.parametrize("kind", kinds())
def test_a_new_file_holds_as_it_is(kind):
    done = new("Lemma 3", "--paper", "draft2026", "--kind", kind)
    assert done.exit_code == 0, done.output
    assert "lakatos check lemma_3.py" in done.output
    (claim,) = load(Path("lemma_3.py").resolve())
    assert (claim.id, claim.label, claim.kind.name, claim.paper.year) == ("draft2026/lemma-3/printed", "Lemma 3", kind, 2026)
    assert claim.doc
    assert hunt(claim, profile="quick", seed=0).outcome == "holds"
    text = Path("lemma_3.py").read_text()
    # Every part to be replaced has its number, and nothing is left to be filled in.
    parts = [f"# {i}." in text for i in range(1, 7)]
    assert parts in ([True] * 5 + [False], [True] * 4 + [False] * 2)
    assert "$" not in text
    assert max(map(len, text.splitlines())) <= 128


@pytest.mark.parametrize(
    ("label", "file"),
    [
        ("Theorem 4.1 (regret)", "theorem_4_1_regret.py"),
        ("Claim 2", "theorem_claim_2.py"),
        ("Figure 1", "drafts/figure_1.py"),
    ],
)
def test_the_file_is_named_so_that_pytest_finds_it(label, file):
    folder = str(Path(file).parent)
    assert new(label, "--paper", "p2026", "--folder", folder).exit_code == 0
    assert Path(file).exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Lemma 3", "--paper", "draft 2026"], "cannot be a paper's key"),
        (["Lemma 3", "--paper", "p", "--kind", "conjecture"], "Choose one of: existence, expectation"),
        (["?", "--paper", "p"], "names no file"),
        (['Lemma "3"', "--paper", "p"], "names no file"),
    ],
)
def test_what_cannot_be_written_is_refused(arguments, words):
    done = new(*arguments)
    assert done.exit_code == pytest.ExitCode.USAGE_ERROR
    assert words in " ".join(done.output.split())
    assert list(Path().iterdir()) == []


def test_a_file_that_is_there_is_never_touched():
    Path("lemma_3.py").write_text("mine")
    done = new("Lemma 3", "--paper", "p")
    assert done.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "nothing was written" in " ".join(done.output.split())
    assert Path("lemma_3.py").read_text() == "mine"


def test_a_full_disk_leaves_no_half_file(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full)
    done = new("Lemma 3", "--paper", "p")
    assert done.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "No space left on device" in done.output
    assert list(Path().iterdir()) == []
