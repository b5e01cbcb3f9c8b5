"""Which files are collected, under which names, and how claims are selected."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

TWO = """
lipschitz = claim(holds, "lem-4.8", name="gradient_is_lipschitz")
rate = claim(holds, "thm-1", "explicit-constant", name="rate_in_T", kind="rate", label="Theorem 1")
"""


def ids(result):
    return [line for line in result.outlines if "::" in line and not line.startswith(("FAILED", "ERROR"))]


def test_a_claim_is_an_item_with_a_readable_id(lakatos, theorem):
    theorem(TWO, "theorems/smith1999/lemma_4_8.py")
    result = lakatos("--collect-only", "-q")
    assert ids(result) == [
        "theorems/smith1999/lemma_4_8.py::gradient_is_lipschitz",
        "theorems/smith1999/lemma_4_8.py::rate_in_T",
    ]


WORDS = (
    *("theorem", "lemma", "corollary", "proposition", "definition", "equation"),
    *("figure", "table", "section", "remark", "conjecture", "algorithm"),
)


@pytest.mark.parametrize("name", [*(f"{word}_1.py" for word in WORDS), "theorem.py", "lemma_4_8_proof_sketch.py"])
def test_names_of_theorem_files(lakatos, theorem, name):
    theorem(TWO, name)
    assert len(ids(lakatos("--collect-only", "-q"))) == 2


def test_other_files_are_left_alone(lakatos, theorem, pytester):
    theorem(TWO, "helpers.py")
    (pytester.path / "table_utils.py").write_text("raise SystemExit('someone else\\'s file was imported')\n")
    lakatos().assert_outcomes()


def test_a_file_named_on_the_command_line_is_collected(lakatos, theorem):
    theorem(TWO, "my_draft.py")
    assert len(ids(lakatos("--collect-only", "-q", "my_draft.py"))) == 2
    assert ids(lakatos("--collect-only", "-q", "my_draft.py::rate_in_T")) == ["my_draft.py::rate_in_T"]


def test_one_claim_is_selected_by_its_id(lakatos, theorem):
    theorem(TWO)
    lakatos("theorem_1.py::rate_in_T").assert_outcomes(passed=1)


def test_a_test_file_that_mentions_claims_stays_a_test_file(lakatos, theorem):
    theorem(TWO + "\ndef test_it():\n    assert rate\n", "test_theorem.py")
    assert ids(lakatos("--collect-only", "-q", "test_theorem.py")) == ["test_theorem.py::test_it"]
    assert ids(lakatos("--collect-only", "-q")) == ["test_theorem.py::test_it"]


def test_tests_beside_claims_in_a_draft_still_run(lakatos, theorem):
    theorem(TWO + "\ndef test_it():\n    pass\n", "draft.py")
    lakatos("draft.py").assert_outcomes(passed=3)


def test_what_a_theorem_file_imports_is_no_test(lakatos, theorem):
    theorem(TWO + "\ndef test_loss(w):\n    pass\n")
    lakatos().assert_outcomes(passed=2)


def test_the_patterns_can_be_configured(lakatos, theorem, pytester):
    pytester.makeini("[pytest]\nlakatos_files = satz_*.py\n")
    theorem(TWO, "satz_1.py")
    theorem(TWO, "theorem_1.py")
    assert {line.partition("::")[0] for line in ids(lakatos("--collect-only", "-q"))} == {"satz_1.py"}


@pytest.mark.parametrize("strict", ["--strict-markers", "-Wdefault"])
@pytest.mark.parametrize(
    ("selection", "count"),
    [
        (("-m", "rate"), 1),
        (("-m", "inequality"), 1),
        (("-m", "smith1999"), 2),
        (("-m", "smith1999 and not rate"), 1),
        (("-k", "smith1999"), 2),
        (("-k", "lem-4.8"), 1),
        (("-k", "Lemma_4.8"), 1),
        (("-k", "explicit-constant"), 1),
        (("-k", "gradient_is"), 1),
        (("-k", "rate and thm-1"), 1),
    ],
)
def test_selection_with_k_and_m(lakatos, theorem, selection, count, strict):
    theorem(TWO)
    lakatos(strict, *selection).assert_outcomes(passed=count, deselected=2 - count)


def test_the_kinds_are_listed_among_the_markers(lakatos):
    lakatos("--markers").stdout.fnmatch_lines(["@pytest.mark.inequality: *", "@pytest.mark.trend: *"])


def test_verbose_points_at_the_line_of_the_claim(lakatos, theorem, pytester):
    theorem('\n\nbad = claim(refuted, "lem-1", name="bad")\n')
    result = lakatos()
    result.stdout.fnmatch_lines(["*theorem_1.py:5*"])


def test_a_claim_id_used_twice_names_both_places(lakatos, theorem, report):
    theorem('a = claim(holds, "lem-1", name="first")', "theorems/theorem_1.py")
    theorem('b = claim(holds, "lem-1", name="second")', "theorems/theorem_2.py")
    result = lakatos()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        [
            "*'smith1999/lem-1/printed' is used twice*",
            "*theorem_1.py:3 (first)*",
            "*theorem_2.py:3 (second)*",
            "*another entry= or variant=*",
        ]
    )
    assert "used twice" in report()["run"]["problems"][0]["message"]
    assert report()["run"]["interrupted"]


def test_a_file_named_twice_is_no_duplicate(lakatos, theorem):
    theorem(TWO)
    result = lakatos("theorem_1.py::rate_in_T", "theorem_1.py::gradient_is_lipschitz", "theorem_1.py")
    assert result.ret == 0
    assert lakatos("--keep-duplicates", "theorem_1.py", "theorem_1.py").ret == 0


def test_two_claims_of_one_name(lakatos, theorem):
    theorem('a = claim(holds, "lem-1", name="same")\nb = claim(holds, "lem-2", name="same")')
    result = lakatos()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*two claims are called 'same'*"])


def test_a_paper_cannot_switch_its_claims_off(lakatos, theorem):
    theorem('a = claim(holds, "lem-1", name="a", paper=Paper("skip", "Skipping"))')
    result = lakatos()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*key 'skip' is a marker*"])


def test_a_wrongly_written_claim_speaks_without_a_traceback(lakatos, theorem, report):
    theorem('from lakatos.errors import ClaimError\nraise ClaimError("claim x has no right side; add right=.")')
    result = lakatos()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*theorem_1.py: claim x has no right side; add right=.*"])
    result.stdout.no_fnmatch_line("*raise ClaimError*")
    assert report()["claims"] == []


def test_a_syntax_error_is_an_error(lakatos, theorem, report):
    theorem("def (")
    assert lakatos().ret == pytest.ExitCode.INTERRUPTED
    assert report()["run"]["problems"]
