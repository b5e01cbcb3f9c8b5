"""report.json follows its schema, junit.xml says the same, and files are whole or old."""

from __future__ import annotations

import json
import os
import re
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from lakatos.records import SCHEMA, commit_of, strict
from lakatos.reports.directory import ReportDirectory, ReportError, load_report
from lakatos.reports.figures import figure
from lakatos.reports.files import dumps, write_atomically
from lakatos.reports.html import formula
from lakatos.reports.junit import junit_xml


def test_the_schema_is_a_schema_and_names_itself(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == schema["properties"]["schema"]["const"] == SCHEMA


def test_a_report_follows_the_schema(report, validator):
    made = report(collected=9, not_run=["a.py::b"], problems=[{"where": "a.py", "message": "no"}], interrupted=True)
    validator.validate(json.loads(dumps(made)))


def test_an_empty_report_follows_the_schema(report, validator):
    validator.validate(report([]))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: record.pop("warrant"),
        lambda record: record.update(outcome="probably"),
        lambda record: record.update(surprise=1),
        lambda record: record.update(id="no-slashes"),
        lambda record: record["margin"].update(worst="large"),
        lambda record: record["instances"].update(total=-1),
        lambda record: record["picture"].update(type="pie"),
        lambda record: record["worst"].update(values={"d": {"nested": 1}}),
        lambda record: record.update(started="yesterday"),
    ],
)
def test_the_schema_refuses_what_is_wrong(report, record, validator, spoil):
    spoilt = record()
    made = report([record()])
    validator.validate(made)
    spoil(spoilt)
    made["claims"] = [spoilt]
    assert not validator.is_valid(made)


def test_every_record_field_is_described_by_the_schema_and_required(schema, record):
    described = schema["$defs"]["record"]
    # Records of the first version lack the context, and one of a single run has no shards.
    assert set(described["required"]) == set(record()) - {"context"}
    assert set(described["properties"]) == set(record()) | {"shards"}


def test_counts_of_the_run(report):
    run = report()["run"]
    assert run["outcomes"] == {"holds": 4, "refuted": 2, "undecided": 1, "vacuous": 1}
    assert (run["expected"], run["unexpected"], run["checked"]) == (5, 3, 8)


def test_strict_json():
    from fractions import Fraction

    import numpy as np

    given = {
        1: float("nan"),
        "a": [float("inf"), -float("inf"), 1.5, True, None],
        "b": {Fraction(1, 3)},
        "c": (np.float64(2), np.arange(2)),
    }
    assert strict(given) == {"1": "nan", "a": ["inf", "-inf", 1.5, True, None], "b": ["1/3"], "c": [2.0, [0, 1]]}
    json.loads(dumps(strict(given)), parse_constant=pytest.fail)


def test_commit_outside_a_repository(tmp_path):
    assert commit_of(tmp_path / "theorem_1.py") is None


def test_files_are_replaced_whole(tmp_path, monkeypatch):
    target = tmp_path / "report.json"
    target.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(target, "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report.json", "old")]


def test_the_data_are_written_even_where_the_page_cannot_be_drawn(tmp_path, report):
    made = report()
    made["claims"][0]["picture"] = {"type": "profile", "bars": [{}, {"worst": 1.0, "name": object()}]}
    made["claims"][0]["label"] = None
    del made["claims"][1]["words"]
    made["claims"][0]["picture"] = None
    directory = ReportDirectory(tmp_path / "out")
    with pytest.raises(ReportError, match=r"index.html could not be made from the records"):
        directory.write(made)
    assert load_report(tmp_path / "out" / "report.json")["claims"]


def test_checking_a_directory_leaves_nothing_behind(tmp_path):
    ReportDirectory(tmp_path / "a" / "b").check()
    assert list(tmp_path.iterdir()) == []


def test_junit(report):
    root = ET.fromstring(junit_xml(report(interrupted=True, not_run=["a.py::b"])))
    suite = root.find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    assert len(cases) == int(suite.get("tests", 0)) == 9
    assert len(suite.findall(".//failure")) == int(suite.get("failures", 0)) == 2
    assert len(suite.findall(".//error")) == int(suite.get("errors", 0)) == 2
    assert cases[-1][0].get("message") == "interrupted before its end; 1 selected claims were not checked"
    assert suite.findall(".//failure")[0].text.endswith(cases_replay := "--replay reports/latest/report.json"), cases_replay


def test_junit_of_characters_that_xml_lacks(report, record):
    ET.fromstring(junit_xml(report([record(as_expected=False, message="a\x00b\x1b[0m\ud800 <&>", label="x\x07")])))


@pytest.mark.parametrize("latex", [r"\frac{", r"\begin{nonsense}", r"\newthing x", "", "<script>", "{" * 3000])
def test_a_formula_never_costs_the_page(latex):
    assert "<script>" not in formula(latex)


def test_limits_stand_below():
    assert "<munder><mo>lim</mo>" in formula(r"\lim_{n\to\infty} x_n")


@pytest.mark.parametrize(
    "picture",
    [
        None,
        {},
        {"type": "pie"},
        {"type": "profile", "bars": []},
        {"type": "profile", "bars": [{"name": "one", "worst": 1.0}]},
        {"type": "profile", "bars": [{"name": "a", "worst": None}, {"name": "b", "worst": None}]},
        {"type": "rate", "over": "T", "x": [1], "y": [1]},
        {"type": "rate", "over": "T", "x": [1, 2], "y": [0, -1]},
        {"type": "limit", "x": [1, 2], "worst": [0.0, 0.0]},
        {"type": "trend", "over": "N", "x": [1], "y": [1]},
    ],
)
def test_nothing_to_draw(picture):
    assert figure(picture) is None


@pytest.mark.parametrize(
    "picture",
    [
        {
            "type": "profile",
            "bars": [{"name": "a & <b>", "worst": "inf"}, {"name": "b", "worst": 0.0}, {"name": "c", "worst": 2}],
        },
        {"type": "profile", "bars": [{"name": "a", "worst": 1e9}, {"name": "b", "worst": 1e-9}]},
        {"type": "profile", "unit": "largest error", "bars": [{"name": "a", "worst": 0.0}, {"name": "b", "worst": 0.0}]},
        {"type": "profile", "bars": [{"name": "a", "worst": -1.0}, {"name": "b", "worst": "nan"}]},
        {"type": "rate", "over": "T", "x": [1, 10, 100], "y": [3, 3, 3], "low": [1, 0, None], "high": [4, 4, 4], "slope": 0},
        {"type": "rate", "over": "T", "x": [1, 10], "y": [1e-300, 1e300], "claimed": "T**2"},
        {"type": "limit", "x": [64, 128, 256], "worst": [1, "nan", 0.1], "median": [None, None, None], "best": [0, 0, 0]},
        {"type": "trend", "over": "N", "x": [0, 1], "y": [-5, 7], "direction": "increasing"},
        {"type": "trend", "over": "N", "x": [2, 2], "y": [0, 0]},
    ],
)
def test_odd_numbers_still_make_a_picture(picture):
    svg = figure(picture)
    assert svg is not None
    places = [float(n) for n in re.findall(r'(?:x|y|cx|cy|x1|x2|y1|y2|width|height)="(-?[\d.]+)"', svg)]
    assert all(-1 <= place <= 500 for place in places)
    assert "nan" not in re.sub(">[^<]*<", "", svg)
    ET.fromstring(svg)
