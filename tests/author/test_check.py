"""``lakatos check`` and ``lakatos show``: a draft is attacked where it lies, and what is wrong with it is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakatos import hunt
from lakatos.cli import app
from lakatos.power.catalogue import load

DRAFT = '''
from sympy import symbols
from lakatos import Inequality, Paper, claim, fix, instances

PAPER = Paper("draft", "Our draft", ("A. Author",), year=2026)
a, b = symbols("a b")

@instances(strata={"a = 0": fix(a=0)}, assume=[a + b >= 0])
def pairs(draw):
    return dict(a=draw.nonnegative("a"), b=draw.nonnegative("b"))

@claim(PAPER, "Lemma 1", Inequality("<="), entry="lem-1", right=RIGHT, on=pairs)
def product(a, b):
    """The product is at most the squared mean."""
    return BODY
'''


@pytest.fixture
def draft(tmp_path, monkeypatch):
    """Writes a draft whose name no runner would collect."""
    monkeypatch.chdir(tmp_path)

    def write(right="(a + b)**2 / 4", body="a * b", name="draft.py"):
        Path(name).write_text(DRAFT.replace("RIGHT", right).replace("BODY", body))

    return write


def run(*arguments):
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_a_draft_that_holds(draft):
    draft()
    code, said = run("check", "draft.py", "--profile", "quick")
    assert code == 0
    for words in (
        "Lemma 1  draft/lem-1/printed",
        "HOLDS (corroborated), as expected",
        "product <= (a + b)**2/4",
        "Worst ratio 1 found under a budget of",
        "worst instance (rational)",
    ):
        assert words in said
    assert [path.name for path in Path().iterdir() if path.name != "__pycache__"] == ["draft.py"]


def test_a_refuted_draft_and_the_lines_to_paste(draft):
    draft("(a + b)**2 / 5")
    code, said = run("check", "draft.py", "--profile", "quick", "--claim", "product")
    assert code == 1
    for words in ("REFUTED (certified), but expected: holds", "smallest witness (rational)", "ratio 1.25", 'expect="refuted"'):
        assert words in said
    assert max(len(line) for line in said.splitlines() if "expect=" not in line) <= 80
    (witness,) = re.findall(r"witness=(dict\(.*\)),", said)
    (claim,) = load(Path("draft.py").resolve())
    assert hunt(claim, witness=eval(witness)).outcome == "refuted"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("a * b / c", ["NameError: name 'c' is not defined", "draft.py:15: return a * b / c"]),
        ("True", ["COULD NOT BE JUDGED", "returned a truth value"]),
    ],
)
def test_a_wrongly_written_claim_is_told_so(draft, body, words):
    draft(body=body)
    code, said = run("check", "draft.py", "--profile", "quick")
    assert code == 1
    assert all(word in " ".join(said.split()) for word in words)
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("text", "what", "words"),
    [
        ("def (", "draft.py", "SyntaxError: invalid syntax (draft.py, line 1)"),
        ("x = 1\nimport nothing_of_that_name", "draft.py", "draft.py:2: import nothing_of_that_name"),
        ("import lakatos", "draft.py", "holds no claim"),
        (None, "draft.py", "there is no file or folder 'draft.py'"),
        (DRAFT.replace("RIGHT", "a").replace("BODY", "b"), "draft.py::other", "no claim called 'other'; it holds product."),
        (DRAFT.replace("RIGHT", "a").replace("BODY", "b"), "draft/lem-1/other", "no claim 'draft/lem-1/other' below"),
        (DRAFT.replace('symbols("a b")', 'symbols("a b", positive=True)'), "draft.py", "An assumption became True"),
    ],
)
def test_what_cannot_be_attacked_is_said(draft, text, what, words):
    if text is not None:
        Path("draft.py").write_text(text)
    for command in ("check", "show"):
        code, said = run(command, what)
        assert code == pytest.ExitCode.USAGE_ERROR
        assert words in " ".join(said.split())


def test_a_file_that_cannot_be_read_among_good_ones(draft):
    draft(name="lemma_1.py")
    Path("lemma_0.py").write_text("# lakatos\ndef (")
    code, said = run("check", ".", "--profile", "quick")
    assert code == 1
    assert "SyntaxError: invalid syntax (lemma_0.py, line 2)" in " ".join(said.split())
    assert "HOLDS (corroborated), as expected" in said
    assert run("show", "draft/lem-1/printed")[0] == 0


@pytest.mark.parametrize(
    ("option", "words"), [(["--profile", "huge"], "There is no profile 'huge'"), (["--device", "cuda"], "no CUDA device here")]
)
def test_a_choice_that_is_not_there(draft, option, words, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    draft()
    code, said = run("check", "draft.py", *option)
    assert code == pytest.ExitCode.USAGE_ERROR
    assert words in " ".join(said.split())


def test_show_says_what_the_file_says(draft):
    draft(name="lemma_1.py")
    for what in ("lemma_1.py", "lemma_1.py::product", "draft/lem-1/printed"):
        code, said = run("show", what)
        assert code == 0
        for words in (
            "Our draft, A. Author, 2026",
            "statement    product <= (a + b)**2/4",
            r"in LaTeX     \text{product} \le \frac{\left(a + b\right)^{2}}{4}",
            "decided by   inequality: measured <= printed on every instance",
            "assumptions  a + b >= 0",
            "strata       a = 0 (a = 0)",
            "expected     holds",
        ):
            assert words in said


def test_every_command_explains_itself_with_examples():
    code, said = run("--help")
    assert code == 0
    commands = re.findall(r"^│ ([a-z]+) ", said, re.MULTILINE)
    assert {"new", "check", "show", "list", "replay", "accept", "power", "keep"} <= set(commands)
    for command in commands:
        code, said = run(command, "--help")
        assert code == 0
        assert f"lakatos {command} " in said.partition("Examples:")[2], command
