"""The command line finds claims and replays them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

CLAIMS = """
bad = claim(refuted, "lem-2", name="bad", expect="refuted", reason="false", because="So.")
good = claim(holds, "lem-1", name="good")
"""


@pytest.fixture
def command(pytester, lakatos, plugin_arguments):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        # The command itself has no place for the options that load the scripted hunt.
        options = os.environ | {"PYTEST_ADDOPTS": " ".join([*plugin_arguments, "-p", "standin"])}
        return subprocess.run(
            [sys.executable, "-c", "from lakatos.cli import app; app()", *arguments],
            cwd=pytester.path,
            env=options,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_list(command, theorem, pytester):
    theorem(CLAIMS)
    done = command("list")
    assert done.returncode == 0, done
    assert done.stdout.splitlines() == [
        "smith1999/lem-2/printed  inequality  expected: refuted  theorem_1.py::bad",
        "smith1999/lem-1/printed  inequality  expected: holds  theorem_1.py::good",
    ]
    assert not (pytester.path / "reports").exists()


def test_list_where_there_is_none(command):
    done = command("list")
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "No claims here" in done.stderr


def test_list_says_what_is_wrong(command, theorem):
    theorem("1 / 0")
    done = command("list")
    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "ZeroDivisionError" in done.stderr


def test_replay(command, theorem, lakatos):
    theorem(CLAIMS)
    lakatos()
    done = command("replay", "reports/latest/report.json", "smith1999/lem-2/printed")
    assert done.returncode == 0, done
    assert "1 of 1 outcomes reproduced" in done.stdout


def test_replay_of_what_is_not_there(command, theorem, lakatos):
    theorem(CLAIMS)
    lakatos()
    done = command("replay", "reports/latest/report.json", "smith1999/lem-3/printed")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "has no claim 'smith1999/lem-3/printed'. It has:\n  smith1999/lem-2/printed" in done.stderr
    done = command("replay", "nowhere.json", "a/b/c")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "cannot read the report nowhere.json" in done.stderr


def test_replay_from_another_folder(command, theorem, lakatos, pytester):
    path = theorem(CLAIMS)
    lakatos()
    path.unlink()
    done = command("replay", "reports/latest/report.json", "smith1999/lem-2/printed")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "there is no theorem_1.py here" in done.stderr
