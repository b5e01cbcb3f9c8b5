"""The option ``--power``: the score of each claim that holds, in the record and on the page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import resources

import jsonschema
import pytest

from tests.power.test_command import ROOT, THEOREM


@pytest.fixture
def run(tmp_path):
    (tmp_path / "lemma_1.py").write_text(THEOREM)

    def start(*arguments):
        from importlib.metadata import entry_points

        installed = any(point.value == "lakatos.plugin" for point in entry_points(group="pytest11"))
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                *([] if installed else ["-p", "lakatos.plugin"]),
                "--profile",
                "quick",
                *arguments,
            ],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTEST_ADDOPTS": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        latest = tmp_path / "reports" / "latest"
        pages = "".join(page.read_text() for page in sorted((latest / "claims").rglob("*.html")))
        return json.loads((latest / "report.json").read_text()), pages

    return start


def test_the_score_is_in_the_record_and_on_the_page(run):
    report, page = run("--power")
    schema = json.loads(resources.files("lakatos").joinpath("schema/report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(report)
    loose, tight, wrong = report["claims"]
    assert {"killed", "counted", "equivalent", "invalid", "timeout", "tightness", "survivors"} <= set(loose["power"])
    assert loose["power"]["tightness"] == pytest.approx(0.5)
    assert tight["power"]["killed"] == tight["power"]["counted"] > 0
    assert wrong["power"] is None
    assert f"{loose['power']['killed']} of {loose['power']['counted']} false variants refuted" in page
    assert "times 10/11" in page


def test_without_it_there_is_none(run):
    report, page = run()
    assert [record["power"] for record in report["claims"]] == [None] * 3
    assert "false variants" not in page
