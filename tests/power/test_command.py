"""The command ``lakatos power``: its table, its files, and what it says when something cannot be run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THEOREM = '''
"""A file of lakatos claims."""
from sympy import symbols
from lakatos import Inequality, Paper, claim, instances

x = symbols("x", positive=True)
PAPER = Paper("made", "Made up for a test")

@instances()
def positives(draw):
    return {"x": draw.positive("x")}

@claim(PAPER, "Lemma 1", Inequality("<="), entry="lem-1", on=positives, right=2 * x)
def loose(x):
    """Loose."""
    return x

@claim(PAPER, "Lemma 2", Inequality("<="), entry="lem-2-with-a-name-that-is-too-long-for-its-column", on=positives, right=x)
def tight(x):
    """Tight."""
    return x

@claim(PAPER, "Lemma 3", Inequality("<="), entry="lem-3", on=positives, right=x / 2, expect="refuted", reason="false", because="So.")
def wrong(x):
    """Wrong."""
    return x
'''


@pytest.fixture
def power(tmp_path):
    (tmp_path / "lemma_1.py").write_text(THEOREM)

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-c", "from lakatos.cli import app; app()", "power", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_table_and_files(power, tmp_path):
    done = power("lemma_1.py", "--json", "power.json", "--markdown", "power.md")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) < 80
    assert "made/lem-1/printed: not refuted\n  constant: times 100/101\n  constant: times 10/11\n" in done.stdout
    assert "expected: refuted" in done.stdout
    assert "1/3 made/lem-1/printed: " in done.stderr
    data = json.loads((tmp_path / "power.json").read_text())
    assert [c["id"].split("/")[1][:5] for c in data["claims"]] == ["lem-1", "lem-2", "lem-3"]
    first, second, third = data["claims"]
    assert first["tightness"] == pytest.approx(0.5)
    assert second["killed"] == second["counted"] > 0
    assert third["note"] == "expected: refuted"
    page = (tmp_path / "power.md").read_text()
    assert "## Survivors" in page
    assert "seconds" not in page


def test_an_update_keeps_the_other_scores(power, tmp_path):
    files = ("--json", "power.json", "--markdown", "power.md")
    assert power("lemma_1.py", *files).returncode == 0
    data, page = json.loads((tmp_path / "power.json").read_text()), (tmp_path / "power.md").read_text()
    done = power("made/lem-1/printed", "--update", *files)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "power.json").read_text()) == data
    assert (tmp_path / "power.md").read_text() == page
    theorem = tmp_path / "lemma_1.py"
    theorem.write_text(theorem.read_text().replace('"lem-3"', '"lem-4"'))
    assert power("made/lem-1/printed", "--update", *files).returncode == 0
    assert [c["id"] for c in json.loads((tmp_path / "power.json").read_text())["claims"]] == [
        c["id"] for c in data["claims"][:2]
    ]


def test_an_interrupted_update_keeps_what_it_has_scored(power, tmp_path):
    files = ("--json", "power.json", "--markdown", "power.md")
    assert power("lemma_1.py", *files).returncode == 0
    theorem = tmp_path / "lemma_1.py"
    stops = "def tight(x):\n    import os\n    os._exit(9)"
    theorem.write_text(theorem.read_text().replace("right=2 * x", "right=3 * x").replace("def tight(x):", stops))
    before = json.loads((tmp_path / "power.json").read_text())["claims"]
    assert power("lemma_1.py", "--update", *files).returncode == 9
    after = json.loads((tmp_path / "power.json").read_text())["claims"]
    assert after[0]["tightness"] == pytest.approx(before[0]["tightness"] * 2 / 3)
    assert after[1:] == before[1:]
    assert "lem-2-with" in (tmp_path / "power.md").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "cannot be read"), ('{"schema": "other"}', "schema is 'other'"), ("[]", "schema is None")],
)
def test_an_update_of_a_foreign_file_loses_nothing(power, tmp_path, text, message):
    (tmp_path / "power.json").write_text(text)
    done = power("lemma_1.py", "--update", "--json", "power.json")
    assert done.returncode == 4
    assert message in done.stderr
    assert (tmp_path / "power.json").read_text() == text


def test_an_update_does_not_mix_budgets(power, tmp_path):
    assert power("made/lem-1/printed", "--json", "power.json").returncode == 0
    done = power("made/lem-1/printed", "--update", "--json", "power.json", "--seed", "1")
    assert done.returncode == 4
    assert "must not mix" in done.stderr
    assert power("lemma_1.py", "--update").returncode == 4


def test_several_processes_find_the_same(power, tmp_path):
    assert power("--json", "one.json").returncode == 0
    done = power("--json", "two.json", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "one.json").read_text() == (tmp_path / "two.json").read_text()


def test_a_claim_by_its_id(power):
    done = power("made/lem-1/printed", "--most", "2")
    assert done.returncode == 0, done.stderr
    assert "lem-2" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "there is no file or folder 'nowhere'"),
        (["made/lem-9/printed"], "no claim 'made/lem-9/printed' below the current folder"),
        (["empty"], "no claims in 'empty'"),
        (["broken/theorem_1.py"], "cannot be imported: ZeroDivisionError"),
        (["lemma_1.py", "--profile", "lazy"], "There is no profile 'lazy'"),
        (["lemma_1.py", "--json", "nowhere/power.json"], "cannot write nowhere/power.json"),
    ],
)
def test_what_cannot_be_run(power, tmp_path, arguments, message):
    (tmp_path / "empty").mkdir()
    if "broken/theorem_1.py" in arguments:
        (tmp_path / "broken").mkdir()
        (tmp_path / "broken" / "theorem_1.py").write_text("import lakatos\n1 / 0\n")
    done = power(*arguments)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert message in done.stderr
    assert "Traceback" not in done.stderr
