"""Verdicts become tests, records and reports; bad input becomes words and an exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from xml.etree import ElementTree as ET

import pytest

# Imported before any inner run: pytester takes away what is imported during one, and torch cannot be loaded twice.
import torch

pytest_plugins = ["pytester"]

GOOD = 'good = claim(holds, "lem-1", name="good")\n'
BAD = 'bad = claim(refuted, "lem-2", name="bad")\n'
KNOWN = (
    'known = claim(refuted, "lem-3", name="known", expect="refuted", reason="misprint", because="A root is missing.", '
    'corrected="good")\n'
)
STOPPED = 'def stop(claim, **kw):\n    raise KeyboardInterrupt\nstopped = claim(stop, "lem-9", name="stopped")\n'


def test_a_claim_passes_when_its_outcome_is_the_expected_one(lakatos, theorem, report):
    theorem(GOOD + KNOWN)
    result = lakatos("-v")
    assert result.ret == 0
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*::good holds *", "*::known refuted, as expected *"])
    run = report()["run"]
    assert (run["expected"], run["unexpected"], run["interrupted"], run["checked"]) == (2, 0, False, 2)
    assert run["outcomes"] == {"holds": 1, "refuted": 1, "undecided": 0, "vacuous": 0}


def test_a_refutation_is_readable_and_has_no_traceback(lakatos, theorem):
    theorem(BAD)
    result = lakatos()
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "smith1999/lem-2/printed (Lemma 4.8): refuted (certified), but expected: holds",
            "*The left side stays below the right side.",
            "*statement  a \\leq b",
            "*3/2 > 1",
            "*smallest witness (rational)",
            "*w = [[]1/2[]]",
            "*left  = 3/2",
            "*right = 1",
            '*replay: python -m pytest "theorem_1.py::bad" --replay=reports/latest/report.json',
        ]
    )
    result.stdout.no_fnmatch_line("*plugin.py*")
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_claim_expected_to_be_refuted_that_holds_fails(lakatos, theorem, report):
    theorem('x = claim(holds, "lem-1", name="x", expect="refuted", reason="misprint", because="A root is missing.")')
    result = lakatos()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*holds (corroborated), but expected: refuted*", "*It no longer is*"])
    assert report()["claims"][0]["as_expected"] is False


@pytest.mark.parametrize("outcome", ["undecided", "vacuous"])
def test_what_was_not_decided_does_not_pass(lakatos, theorem, outcome):
    theorem(f'x = claim(lambda c, **kw: verdict("{outcome}", "none", None), "lem-1", name="x")')
    result = lakatos()
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"*: {outcome}, but expected: holds*"])


def test_a_missed_stratum_is_named(lakatos, theorem):
    theorem(
        'x = claim(lambda c, **kw: verdict("vacuous", "none", None, strata={"n < d": Count(100, 0), "n = d": Count(5, 9)}), '
        '"lem-1", name="x")'
    )
    result = lakatos()
    result.stdout.fnmatch_lines(['*stratum "n < d": 0 of 100 required instances seen*'])
    result.stdout.no_fnmatch_line('*"n = d"*')


def test_a_claim_error_fails_with_its_text_even_where_undecided_is_expected(lakatos, theorem, report):
    theorem(
        "from lakatos.errors import ClaimError\n"
        'def broken(claim, **kw):\n    raise ClaimError("The formula names rho; add it to the family.")\n'
        'x = claim(broken, "lem-8", name="x", expect="undecided")\n' + GOOD
    )
    result = lakatos()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*could not be judged: ClaimError*", "*The formula names rho; add it to the family.*"])
    result.stdout.no_fnmatch_line("*def broken*")
    record = report()["claims"][0]
    assert (record["outcome"], record["warrant"], record["error"]) == ("undecided", "none", "ClaimError")
    assert not record["as_expected"]


def test_an_error_in_the_claims_own_code_keeps_its_traceback_and_has_a_record(lakatos, theorem, report):
    theorem('def broken(claim, **kw):\n    return 1 / 0\nx = claim(broken, "lem-1", name="x")\n')
    result = lakatos()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*return 1 / 0*", "*ZeroDivisionError*"])
    result.stdout.no_fnmatch_line("*verdict = hunt*")
    assert report()["claims"][0]["error"] == "ZeroDivisionError"


def test_numbers_that_json_lacks(lakatos, theorem, pytester, report):
    theorem(
        'x = claim(lambda c, **kw: verdict("refuted", "certified", float("inf"), '
        'picture={"type": "profile", "bars": [{"name": "a", "worst": float("nan"), "seen": 1}]}), "lem-1", name="x")'
    )
    lakatos()
    text = (pytester.path / "reports/latest/report.json").read_text()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert report()["claims"][0]["margin"]["worst"] == "inf"
    assert report()["claims"][0]["picture"]["bars"][0]["worst"] == "nan"


def test_the_files_come_from_the_same_records(lakatos, theorem, pytester, report):
    theorem(GOOD + BAD + KNOWN)
    lakatos()
    folder = pytester.path / "reports/latest"
    written = ["claims", "index.html", "junit.xml", "papers", "records.jsonl", "report.json", "results.sarif", "summary.md"]
    assert sorted(path.name for path in folder.iterdir()) == written
    assert [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()] == report()["claims"]
    suite = ET.parse(folder / "junit.xml").find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "0")
    page = (folder / "index.html").read_text()
    assert all(record["label"] in page for record in report()["claims"])
    pages = [f"{record['entry']}/{record['variant']}.html" for record in report()["claims"]]
    assert sorted(path.relative_to(folder / "claims/smith1999").as_posix() for path in folder.rglob("printed.html")) == pages


def test_foreign_files_in_the_report_directory_stay(lakatos, theorem, pytester):
    theorem(GOOD)
    (pytester.path / "out").mkdir()
    (pytester.path / "out" / "notes.txt").write_text("mine")
    lakatos("--report-dir", "out")
    assert (pytester.path / "out" / "notes.txt").read_text() == "mine"
    assert len(list((pytester.path / "out").iterdir())) == 9


def test_the_report_directory_can_be_configured(lakatos, theorem, pytester, report):
    pytester.makeini("[pytest]\nlakatos_report_dir = found\n")
    theorem(GOOD)
    result = lakatos()
    assert report("found")["claims"]
    result.stdout.fnmatch_lines(["report: found/index.html"])


@pytest.mark.parametrize("place", ["a_file", "a_file/below", "/proc/lakatos", "taken"])
@pytest.mark.parametrize("how", ["option", "configuration", "xdist"])
def test_a_report_directory_that_cannot_be_written(lakatos, theorem, pytester, place, how):
    (pytester.path / "a_file").write_text("")
    (pytester.path / "taken" / "report.json").mkdir(parents=True)
    theorem('def ran(c, **kw):\n    open("ran", "w")\n    return verdict()\nx = claim(ran, "lem-1", name="x")\n')
    arguments = ["--report-dir", place]
    if how != "option":
        pytester.makeini(f"[pytest]\nlakatos_report_dir = {place}\n")
        arguments = ["-n1"] if how == "xdist" else []
    result = lakatos(*arguments, subprocess=how == "xdist")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: cannot write the report directory *{place}*--report-dir*Nothing was run*"])
    assert not (pytester.path / "ran").exists()
    assert not list((pytester.path / "taken").glob("*.jsonl"))


def test_cuda_asked_for_and_absent(lakatos, theorem, pytester, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    theorem(GOOD)
    result = lakatos("--device", "cuda")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --device cuda: there is no CUDA device here*Use --device cpu, or --device auto*"])
    assert not (pytester.path / "reports").exists()


def test_auto_says_what_it_chose(lakatos, theorem, monkeypatch, report):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    theorem(GOOD)
    lakatos("--device", "auto").stdout.fnmatch_lines(["lakatos: *device cpu, chosen by auto: torch * sees no CUDA device*"])
    assert report()["run"]["device"] == "cpu"


def test_the_hunt_gets_what_was_asked_for(lakatos, theorem):
    theorem(
        "def check(c, *, profile, seed, device, progress, witness):\n"
        '    progress(c, 10, None, "batches")\n'
        '    assert (profile.name, seed, device, witness) == ("quick", 7, "cpu", None)\n'
        "    return verdict()\n"
        'x = claim(check, "lem-1", name="x")'
    )
    result = lakatos("--profile", "quick", "--lakatos-seed", "7")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["lakatos: profile quick, device cpu, seed 7"])


def test_the_nightly_profile_draws_a_seed_and_names_it(lakatos, theorem, report):
    theorem('def seeded(c, seed, **kw):\n    return verdict(seed=seed)\nx = claim(seeded, "lem-1", name="x")')
    seeds = set()
    for _ in range(2):
        result = lakatos("--profile", "nightly")
        seeds.add(report()["claims"][0]["seed"])
        result.stdout.fnmatch_lines([f"*seed {report()['claims'][0]['seed']}"])
        assert report()["run"]["seeds"] == [report()["run"]["seed"]]
    assert len(seeds) == 2


@pytest.mark.parametrize("option", [("--profile", "hasty"), ("--device", "tpu"), ("--lakatos-seed", "x")])
def test_options_that_make_no_sense(lakatos, theorem, option):
    theorem(GOOD)
    assert lakatos(*option).ret == pytest.ExitCode.USAGE_ERROR


def test_nothing_checked_is_not_a_pass(lakatos, pytester, report):
    pytester.makepyfile(test_other="def test_it():\n    pass\n")
    result = lakatos("--profile", "quick")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(["Nothing was checked."])
    assert report()["claims"] == []
    suite = ET.parse(pytester.path / "reports/latest/junit.xml").find("testsuite")
    assert suite is not None
    assert suite.get("errors") == "1"
    assert "Nothing was checked." in (pytester.path / "reports/latest/index.html").read_text()


def test_claims_that_are_all_skipped_are_not_a_pass(lakatos, theorem, report):
    theorem("import pytest\npytestmark = pytest.mark.skip\n" + GOOD)
    assert lakatos().ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert report()["run"]["checked"] == 0


def test_an_unrelated_run_is_left_alone(lakatos, pytester):
    pytester.makepyfile(test_other="def test_it():\n    pass\n")
    result = lakatos()
    assert result.ret == 0
    assert not (pytester.path / "reports").exists()
    assert not [line for line in result.outlines if "lakatos" in line and not line.startswith(("plugins:", "rootdir:"))]


def test_options_in_addopts_do_not_ask_for_claims(lakatos, pytester):
    pytester.makeini("[pytest]\naddopts = --profile quick\n")
    pytester.makepyfile(test_other="def test_it():\n    pass\n")
    assert lakatos().ret == 0
    assert not (pytester.path / "reports").exists()


def test_a_listing_writes_nothing(lakatos, theorem, pytester):
    theorem(GOOD)
    assert lakatos("--collect-only", "--profile", "quick").ret == 0
    assert not (pytester.path / "reports").exists()


def test_an_interrupted_run_keeps_what_was_decided(lakatos, theorem, report):
    theorem(GOOD + KNOWN + STOPPED + BAD)
    result = lakatos(subprocess=True)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    run = report()["run"]
    assert run["interrupted"]
    assert [record["name"] for record in report()["claims"]] == ["good", "known"]
    assert run["not_run"] == ["theorem_1.py::stopped", "theorem_1.py::bad"]
    result.stdout.fnmatch_lines(["*did not reach its end: 2 selected claims not checked*"])


def test_a_run_stopped_by_x_keeps_what_was_decided(lakatos, theorem, report):
    theorem(BAD + GOOD)
    assert lakatos("-x").ret == pytest.ExitCode.TESTS_FAILED
    assert report()["run"]["interrupted"]
    assert report()["run"]["not_run"] == ["theorem_1.py::good"]
    assert [record["name"] for record in report()["claims"]] == ["bad"]


def test_a_killed_run_leaves_its_journal_and_no_older_report(lakatos, theorem, pytester):
    theorem(GOOD)
    lakatos()
    theorem(GOOD + 'import os, signal\nx = claim(lambda c, **kw: os.kill(os.getpid(), signal.SIGKILL), "lem-9", name="x")\n')
    assert lakatos(subprocess=True).ret == -signal.SIGKILL
    folder = pytester.path / "reports/latest"
    assert sorted(path.name for path in folder.iterdir()) == [".earlier", "records.jsonl"]
    assert [json.loads(line)["name"] for line in (folder / "records.jsonl").read_text().splitlines()] == ["good"]


def test_ctrl_c(lakatos, theorem, pytester, report, plugin_arguments):
    theorem(GOOD + 'import time\ndef slow(c, **kw):\n    time.sleep(60)\nx = claim(slow, "lem-9", name="x")\n')
    arguments = [*plugin_arguments, "-p", "standin"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments], cwd=pytester.path, stdout=subprocess.PIPE, text=True
    )
    journal = pytester.path / "reports/latest/records.jsonl"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (journal.exists() and journal.read_text()):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    assert report()["run"]["interrupted"]
    assert [record["name"] for record in report()["claims"]] == ["good"]


def test_a_directory_that_vanishes_midway_is_reported(lakatos, theorem, pytester):
    theorem(
        'import os\ndef spoil(c, **kw):\n    import shutil\n    shutil.rmtree("reports")\n    Path("reports").write_text("")\n'
        '    return verdict()\nx = claim(spoil, "lem-8", name="x")\n' + GOOD
    )
    result = lakatos()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["! cannot write the report directory*"])


def test_under_xdist_the_controller_writes_every_record_once(lakatos, theorem, report, pytester):
    pytest.importorskip("xdist")
    theorem(GOOD + BAD + KNOWN, "theorem_1.py")
    theorem('seen = claim(lambda c, seed, device, **kw: verdict(seed=seed), "lem-5", name="seen")', "theorem_2.py")
    result = lakatos("-n2", "--profile", "nightly", subprocess=True)
    assert result.ret == 1
    result.assert_outcomes(passed=3, failed=1)
    assert [record["name"] for record in report()["claims"]] == ["good", "bad", "known", "seen"]
    assert report()["claims"][3]["seed"] == report()["run"]["seed"]
    assert len((pytester.path / "reports/latest/records.jsonl").read_text().splitlines()) == 4


def test_under_xdist_a_crashed_worker_is_a_problem(lakatos, theorem, report):
    pytest.importorskip("xdist")
    theorem(GOOD + 'import os\nx = claim(lambda c, **kw: os._exit(3), "lem-9", name="x")\n')
    assert lakatos("-n1", subprocess=True).ret == 1
    assert [record["name"] for record in report()["claims"]] == ["good"]
    assert report()["run"]["problems"][0]["where"] == "theorem_1.py::x"


def test_under_xdist_a_duplicate_id_is_one_problem(lakatos, theorem, report):
    pytest.importorskip("xdist")
    theorem(GOOD, "theorem_1.py")
    theorem(GOOD, "theorem_2.py")
    assert lakatos("-n2", subprocess=True).ret != 0
    assert [problem["where"] for problem in report()["run"]["problems"]] == ["theorem_2.py"]


def test_the_commit_is_that_of_the_theorem_files_repository(lakatos, theorem, pytester, report):
    def git(*arguments: str) -> str:
        quiet = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        return subprocess.run(
            ["git", *quiet, *arguments], cwd=pytester.path, check=True, capture_output=True, text=True
        ).stdout.strip()

    theorem(GOOD)
    lakatos(subprocess=True)
    assert report()["claims"][0]["commit"] is None
    git("init", "-q")
    git("add", "theorem_1.py")
    git("commit", "-qm", "one")
    head = git("rev-parse", "HEAD")
    lakatos(subprocess=True)
    assert report()["claims"][0]["commit"] == head
    theorem(GOOD + "# changed\n")
    lakatos(subprocess=True)
    assert report()["claims"][0]["commit"] == f"{head}+dirty"


def test_the_summary_fits_80_columns(lakatos, theorem):
    theorem(GOOD + BAD + KNOWN + 'z = claim(refuted, "lem-4", "a-reading-with-a-name-that-fills-the-line", name="z")\n')
    lines = lakatos().outlines
    start = next(i for i, line in enumerate(lines) if " lakatos " in line)
    end = next(i for i, line in enumerate(lines) if line.startswith("report: "))
    assert max(map(len, lines[start:end])) <= 80
    text = "\n".join(lines[start:end])
    for words in ("! lem-2/printed", "REFUTED", "refuted*", "* as the catalogue expects"):
        assert words in text


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_terminal_sees_progress_and_a_pipe_does_not(lakatos, theorem, pytester, plugin_arguments):
    import pty

    theorem(
        'def slow(c, progress, **kw):\n    progress(c, 40960, 0.97, "ascent")\n    return verdict()\n'
        'x = claim(slow, "lem-1", name="x")\n'
    )
    assert "40,960" not in lakatos(subprocess=True).stdout.str()
    main, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *plugin_arguments, "-p", "standin"],
        cwd=pytester.path,
        stdout=end,
        stderr=end,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "80"},
    )
    os.close(end)
    seen = b""
    while True:
        try:
            part = os.read(main, 4096)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(main)
    assert process.wait(30) == 0
    assert b"\x1b7 x: ascent, 40,960 instances, worst 0.97\x1b[K\x1b8" in seen


def test_importing_the_plugin_loads_nothing_heavy(lakatos):
    code = (
        "import sys, pytest, time\n"
        "start = time.perf_counter()\n"
        "import lakatos.plugin\n"
        "seconds = time.perf_counter() - start\n"
        "heavy = {'torch', 'sympy', 'numpy', 'jinja2', 'rich', 'matplotlib', 'hypothesis', 'typer'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert seconds < 0.1, seconds\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unrelated_run_imports_nothing_heavy(lakatos, pytester):
    pytester.makepyfile(
        test_other="def test_it():\n    import sys\n"
        "    assert not {'torch', 'sympy', 'jinja2', 'rich', 'matplotlib'} & set(sys.modules)\n"
    )
    assert lakatos(subprocess=True).ret == 0


def test_another_plugins_option_is_left_to_it(lakatos, theorem, pytester):
    pytester.makepyfile(
        rival='def pytest_addoption(parser):\n    parser.addoption("--device", default="none")\n',
    )
    theorem(GOOD)
    assert lakatos("-p", "rival", "--device", "tpu", "--lakatos-device", "cpu").ret == 0


def test_what_else_fails_a_claim_is_a_problem_of_the_run(lakatos, theorem, report):
    theorem('import warnings\nx = claim(lambda c, **kw: (warnings.warn("odd"), verdict())[1], "lem-1", name="x")\n')
    assert lakatos("-W", "error").ret == 1
    assert report()["run"]["unexpected"] + len(report()["run"]["problems"]) > 0
