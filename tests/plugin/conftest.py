"""Runs the plugin on theorem files whose hunts are scripted, so that every outcome can be had at once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

STANDIN = '''
"""Claims that carry their verdict with them, in the place of lakatos.claims and lakatos.hunting."""
import sys, types
from pathlib import Path
from types import SimpleNamespace
from lakatos.papers import Paper
from lakatos.verdicts import *

PAPER = Paper("smith1999", "On Things", ("A. Smith",), "Journal", 1999, "https://example.org")
calls = []

class Claim:
    def __init__(self, run, entry, variant="printed", *, name, kind="inequality", paper=PAPER, expect="holds",
                 line=1, file="", **rest):
        self.run, self.entry, self.variant, self.name, self.paper, self.line = run, entry, variant, name, paper, line
        self.id = f"{paper.key}/{entry}/{variant}"
        self.file, self.module = file, None
        self.kind = SimpleNamespace(name=kind, describe=lambda: "decided by the script")
        self.expect = Outcome(expect)
        self.label = rest.get("label", "Lemma 4.8")
        self.reason, self.because = rest.get("reason"), rest.get("because")
        self.corrected, self.witness = rest.get("corrected"), rest.get("witness")
        self.rests_on, self.right, self.function = (), None, run
        self.on = SimpleNamespace(name="family", assumptions=(), function=run)
        self.doc = "The left side stays below the right side."
        self.statement = r"a \\leq b"

def claim(*args, **kw):
    frame = sys._getframe(1)
    made = Claim(*args, line=frame.f_lineno, file=Path(frame.f_globals["__file__"]), **kw)
    made.module = frame.f_globals["__name__"]
    frame.f_globals.setdefault("_claims", []).append(made)
    return made

def verdict(outcome="holds", warrant="corroborated", worst=0.5, **kw):
    kw.setdefault("instances", {"batches": 1024})
    kw.setdefault("message", "as scripted")
    return Verdict(Outcome(outcome), Warrant(warrant), Margin(worst, 1e-12, f"worst ratio {worst}"), **kw)

def holds(claim, **kw):
    return verdict()

def refuted(claim, **kw):
    small = Witness({"d": 1, "w": ["1/2"]}, {"left": "3/2", "right": "1"}, "rational", 1.5)
    return verdict("refuted", "certified", 1.5, smallest=small, message="3/2 > 1")

def hunt(claim, **kw):
    calls.append((claim.id, kw))
    return claim.run(claim, **kw)

claims = types.ModuleType("lakatos.claims")
claims.claims_in = lambda module: list(getattr(module, "_claims", []))
hunting = types.ModuleType("lakatos.hunting")
hunting.hunt = hunt
sys.modules["lakatos.claims"], sys.modules["lakatos.hunting"] = claims, hunting
'''

Scripted = Callable[..., pytest.RunResult]


@pytest.fixture
def plugin_arguments() -> list[str]:
    """What makes pytest load the plugin: no option where the package is installed."""
    installed = any(point.value == "lakatos.plugin" for point in entry_points(group="pytest11"))
    # Hypothesis, which no scripted hunt uses, would be imported anew for every inner run: two seconds each.
    return ["-p", "no:hypothesispytest", "-p", "no:cacheprovider", *([] if installed else ["-p", "lakatos.plugin"])]


@pytest.fixture
def lakatos(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, plugin_arguments: list[str]) -> Scripted:
    """Runs pytest with the plugin and the scripted hunt: ``lakatos("theorem_1.py", "--profile", "quick")``."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(pytester.path)]))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makepyfile(standin=STANDIN)
    pytester.syspathinsert()

    def run(*arguments: str, subprocess: bool = False, **more: Any) -> pytest.RunResult:
        start = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        return start(*plugin_arguments, "-p", "standin", *arguments, **more)

    return run


@pytest.fixture
def theorem(pytester: pytest.Pytester) -> Callable[..., Path]:
    """Writes a theorem file with scripted claims."""

    def write(text: str, name: str = "theorem_1.py") -> Path:
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# a file of lakatos claims\nfrom standin import *\n" + text)
        return path

    return write


@pytest.fixture
def report(pytester: pytest.Pytester) -> Callable[..., dict[str, Any]]:
    """Reads the report that the run left."""

    def read(folder: str = "reports/latest") -> dict[str, Any]:
        found: dict[str, Any] = json.loads((pytester.path / folder / "report.json").read_text())
        return found

    return read
