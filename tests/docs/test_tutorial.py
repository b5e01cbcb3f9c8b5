"""The tutorial does what it says: its files are written and its commands run, in order, as they stand on the page."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import lakatos
from lakatos.cli import app
from lakatos.kinds import Kind

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/tutorial.md"
BLOCK = re.compile(r"^```(\S+)(?: \S+)?\n(?::caption: (\S+)\n)?(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An author's folder: no repository, no configuration, eighty columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])))
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("PYTEST_ADDOPTS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(command: str) -> tuple[int, str]:
    """Runs one command of the page. Those that start pytest get a process of their own, as on a real command line."""
    words = shlex.split(command)
    if words[0] == "lakatos" and words[1] != "replay":
        done = CliRunner().invoke(app, words[1:])
        return done.exit_code, done.output
    program = {
        "pytest": [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest"],
        "lakatos": [sys.executable, "-c", "from lakatos.cli import app; app()"],
        "sed": ["sed"],
    }[words[0]]
    finished = subprocess.run([*program, *words[1:]], capture_output=True, text=True, check=False)
    return finished.returncode, finished.stdout + finished.stderr


def follows(said: str, expected: list[str]) -> str | None:
    """The first line of the page that does not follow in the output. "..." is any text, or alone on a line any lines."""
    lines, place, free = [line.rstrip() for line in said.splitlines()], 0, False
    for line in expected:
        if line == "...":
            free = True
            continue
        pattern = re.sub(r"\[(?!\[\])", "[[]", line).replace("...", "*")
        rest = range(place, len(lines)) if free else range(place, min(place + 1, len(lines)))
        found = next((i for i in rest if fnmatch.fnmatchcase(lines[i], pattern)), None)
        if found is None:
            return line
        place, free = found + 1, False
    return None


def test_the_tutorial_runs_as_it_is_written(here):
    codes = []
    for language, caption, text in BLOCK.findall(PAGE.read_text()):
        if language == "{code-block}":
            (here / caption).write_text(text)
            continue
        assert language == "console"
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, *expected = part.splitlines()
            code, said = run(command)
            codes.append((command, code))
            assert (missing := follows(said, expected)) is None, f"$ {command}\n{said}\nis not followed by: {missing}"
    # The page says in words which of them fail: the first attack, and the gate.
    assert [command for command, code in codes if code] == [
        "lakatos check lemma_1.py",
        "pytest lemma_1.py --baseline reports/baseline.json",
    ]
    assert len(codes) == 9


def test_no_page_shows_an_option_that_is_not_there():
    shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", "".join(page.read_text() for page in (ROOT / "docs").glob("*.md"))))
    shown |= set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", (ROOT / "examples/github/lakatos.yml").read_text()))
    ours = {name for action in _plugin_options() for name in action}
    command_line = _command_options()
    others = {"--ignore", "--deselect", "--lf", "--dist", "--index-url"}
    assert shown <= ours | command_line | others


def test_every_kind_has_its_rule_on_the_page():
    kinds = [getattr(lakatos, name) for name in lakatos.__all__]
    names = {kind.__name__ for kind in kinds if isinstance(kind, type) and issubclass(kind, Kind)}
    page = (ROOT / "docs/kinds.md").read_text()
    assert names <= set(re.findall(r"^## (\w+)$", page, re.MULTILINE))
    assert names <= set(re.findall(r"autoclass:: lakatos\.kinds\.(\w+)", (ROOT / "docs/reference.md").read_text()))


def _plugin_options() -> list[list[str]]:
    import lakatos.plugin

    parser = pytest.Parser(_ispytest=True)
    lakatos.plugin.pytest_addoption(parser)
    return [option.names() for group in parser._groups for option in group.options]


def _command_options() -> set[str]:
    import typer

    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return {name for command in commands.values() for parameter in command.params for name in parameter.opts}
