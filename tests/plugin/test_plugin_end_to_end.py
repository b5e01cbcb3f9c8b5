"""Real claims, hunted for real: the plugin, the hunt and the reports together, in a folder of their own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]

THEOREM = '''
"""The arithmetic mean is at least the geometric mean; claims around it that hold, fail, or are wrongly written."""
from lakatos import Identity, Inequality, Paper, claim, instances, when
from sympy import symbols

PAPER = Paper("cauchy1821", "Cours d'analyse", ("A.-L. Cauchy",), year=1821)
a, b, product, missing = symbols("a b product missing", nonnegative=True)

@instances(strata={"a < b": when(lambda a, b: a < b), "equal": when(lambda a, b: a == b)})
def pairs(draw):
    a, b = draw.nonnegative("a"), draw.nonnegative("b")
    return dict(a=a, b=b, product=a * b)

@instances(strata={"never": when(lambda a, b: a < a)})
def unreachable(draw):
    a, b = draw.nonnegative("a"), draw.nonnegative("b")
    return dict(a=a, b=b, product=a * b)

@instances()
def nothing(draw):
    return dict(a=draw.option("a", []), b=0, product=0)

def made(entry, name, **kw):
    kw = dict(entry=entry, right=((a + b) / 2) ** 2, on=pairs, name=name) | kw
    return claim(PAPER, "Theorem 17", kw.pop("kind", Inequality("<=")), **kw)

@made("am-gm", "means")
def means(product):
    """The product is at most the squared mean."""
    return product

@made("am-gm", "too_small", variant="too-small", right=((a + b) / 2) ** 2 * 9 / 10)
def too_small(product):
    """The same with a constant that is too small."""
    return product

@made("am-gm", "known", variant="misprint", right=a + b, expect="refuted", reason="misprint",
      because="The square is missing.", witness={"a": 5, "b": 5}, corrected="means")
def known(product):
    """As printed, without the square."""
    return product

@made("binomial", "square", kind=Identity(), right=a**2 + 2 * a * b + b**2)
def square(a, b):
    """The square of a sum."""
    return (a + b) * (a + b)

@made("wrong-symbol", "wrong_symbol", right=missing)
def wrong_symbol(product):
    return product

@made("nan", "nan")
def nan(a, product):
    return product * float("nan")

@made("bool", "boolean")
def boolean(a, b):
    return True

@made("shape", "shape")
def shape(a, b):
    return (a * b)[:1]

@made("never-hit", "never_hit", on=unreachable)
def never_hit(product):
    return product

@made("nothing", "nothing_to_draw", on=nothing)
def nothing_to_draw(product):
    return product
'''


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", "pytest.ini", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory, request):
    """The folder, what its run printed, and its report."""
    folder = tmp_path_factory.mktemp("catalogue")
    installed = request.config.pluginmanager.has_plugin("lakatos")
    (folder / "pytest.ini").write_text("[pytest]\n" if installed else "[pytest]\naddopts = -p lakatos.plugin\n")
    (folder / "theorem_17.py").write_text(THEOREM)
    done = run(folder, "--profile", "quick", "--strict-markers", "-W", "error")
    report = json.loads((folder / "reports/latest/report.json").read_text())
    return folder, done, {record["name"]: record for record in report["claims"]}, report


def test_outcomes(catalogue):
    _, done, records, _ = catalogue
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert {name: (record["outcome"], record["as_expected"], record["error"]) for name, record in records.items()} == {
        "means": ("holds", True, None),
        "too_small": ("refuted", False, None),
        "known": ("refuted", True, None),
        "square": ("holds", True, None),
        "wrong_symbol": ("undecided", False, "ClaimError"),
        "nan": ("undecided", False, "ClaimError"),
        "boolean": ("undecided", False, "ClaimError"),
        "shape": ("undecided", False, "ClaimError"),
        "never_hit": ("vacuous", False, None),
        "nothing_to_draw": ("undecided", False, "ClaimError"),
    }
    assert "4 passed" not in done.stdout
    assert "3 passed" in done.stdout


def test_the_records_follow_the_schema(catalogue):
    schema = json.loads(resources.files("lakatos").joinpath("schema/report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(catalogue[3])


def test_a_refutation_has_a_small_certified_witness(catalogue):
    record = catalogue[2]["too_small"]
    assert record["warrant"] == "certified"
    assert record["smallest"]["values"]
    assert record["smallest"]["values"] != record["worst"]["values"] or record["smallest"]["ratio"] is not None


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("wrong_symbol", "missing"),
        ("nan", "NaN"),
        ("boolean", "bool"),
        ("shape", "shape"),
        ("nothing_to_draw", "no instance"),
    ],
)
def test_a_wrongly_written_claim_is_told_so(catalogue, name, word):
    _, done, records, _ = catalogue
    assert word.lower() in records[name]["message"].lower()
    assert "Traceback" not in done.stdout
    assert ".py:" not in done.stdout.replace("theorem_17.py:", "")


def test_a_stratum_that_is_never_hit_is_named(catalogue):
    assert 'stratum "never": 0 of' in catalogue[1].stdout


@pytest.mark.parametrize(("name", "code"), [("known", 0), ("square", 0), ("too_small", 1)])
def test_every_record_can_be_replayed_by_its_command(catalogue, name, code):
    folder, _, records, _ = catalogue
    command = shlex.split(records[name]["replay"])
    assert command[:3] == ["python", "-m", "pytest"]
    done = run(folder, *command[3:])
    assert done.returncode == code, done.stdout
    assert "1 of 1 outcomes reproduced" in done.stdout


def test_the_claims_are_listed_where_warnings_are_errors(catalogue, request):
    if not request.config.pluginmanager.has_plugin("lakatos"):
        pytest.skip("the command needs the installed plugin")
    done = subprocess.run(
        [sys.executable, "-c", "from lakatos.cli import app; app()", "list"],
        cwd=catalogue[0],
        env=os.environ | {"PYTEST_ADDOPTS": "-W error -p no:cacheprovider"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[0] == "cauchy1821/am-gm/printed  inequality  expected: holds  theorem_17.py::means"
    assert len(done.stdout.splitlines()) == len(catalogue[2])
