"""The gate within one run: read before anything is collected, asked at the end, shown under the table of claims."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakatos.gate.baseline import Baseline, load_baseline, load_power
from lakatos.gate.changes import Selection, comparable, compare
from lakatos.terminal import Line, plural, wrapped

DEFAULT_REPORT = "reports/latest/report.json"
DEFAULT_BASELINE = "reports/baseline.json"
"""Where ``lakatos accept`` reads and writes unless it is told otherwise."""

POWER_FILE = "power.json"
"""Name of the power scores, which lie beside the baseline."""


@dataclass(frozen=True)
class Gate:
    """A baseline to compare with.

    Parameters
    ----------
    shown:
        The baseline's path as the reader would type it.
    baseline:
        What it says; ``None`` where the configuration names a file that is not there yet.
    power, power_file:
        The present power scores, and where they are read from.
    """

    shown: str
    baseline: Baseline | None
    power: dict[str, tuple[int, int]] | None
    power_file: str

    @classmethod
    def read(cls, path: Path, shown: str) -> Gate:
        """The gate of the baseline in ``path``.

        Raises
        ------
        BaselineError
            when a file that is there cannot be read.
        """
        beside = path.with_name(POWER_FILE)
        baseline = load_baseline(path) if path.exists() else None
        return cls(shown, baseline, load_power(beside), str(Path(shown).with_name(POWER_FILE)))

    def judge(self, report: dict[str, Any], selection: Selection) -> dict[str, Any]:
        """What the report's ``gate`` says: the baseline, how much of it was compared, and every change."""
        if self.baseline is None:
            return {"baseline": self.shown, "present": False, "compared": 0, "otherwise_searched": 0, "changes": []}
        pairs = [(r, self.baseline.claims[r["id"]]) for r in report["claims"] if r["id"] in self.baseline.claims]
        changes = compare(self.baseline, report, selection, self.power, self.power_file)
        return {
            "baseline": self.shown,
            "present": True,
            "compared": len(pairs),
            "otherwise_searched": sum(not comparable(record, accepted) for record, accepted in pairs),
            "changes": [change.as_data() for change in changes],
        }


def lines(report: dict[str, Any], report_file: str | None) -> Iterator[Line]:
    """What the terminal shows of a report's ``gate``.

    Parameters
    ----------
    report:
        The report, with what :meth:`Gate.judge` returned under ``gate``.
    report_file:
        The report that could be accepted; ``None`` where none was written.
    """
    gate = report["gate"]
    # A run that is not as its theorem files expect is no state to accept.
    acceptable = report["claims"] and not (report["run"]["unexpected"] or report["run"]["problems"] or report["run"]["not_run"])
    accept = _command(report_file, gate["baseline"]) if report_file and acceptable else None
    if not gate["present"]:
        yield from _coloured(f"gate: there is no baseline {gate['baseline']}, so that nothing was compared.", yellow=True)
        if accept:
            yield f"To accept this run as the first one: {accept}", {"yellow": True}
        return
    bad = [change for change in gate["changes"] if change["fails"]]
    notes = [change for change in gate["changes"] if not change["fails"]]
    if bad:
        yield from _coloured(f"gate: {plural(len(bad), 'change')} against {gate['baseline']}", red=True, bold=True)
    elif not gate["compared"]:
        yield from _coloured(f"gate: no claim of {gate['baseline']} was checked, so that nothing was compared.", yellow=True)
    else:
        yield from _coloured(f"gate: {plural(gate['compared'], 'claim')} as accepted in {gate['baseline']}", green=True)
    for change in bad:
        yield from _coloured(f"! {_text(change)}", red=True)
    for change in notes:
        yield from _coloured(f"  {_text(change)}")
    if gate["otherwise_searched"]:
        yield from _coloured(
            f"  strata and worst ratios of {plural(gate['otherwise_searched'], 'claim')} were not compared: accepted with another "
            "profile, seed, device or kind"
        )
    if accept and gate["changes"] and not any(change["what"] == "foreign" for change in bad):
        yield f"If the changes are meant: {accept}", {}


def _command(report: str, baseline: str) -> str:
    arguments = [report] if report != DEFAULT_REPORT else []
    return shlex.join(["lakatos", "accept", *arguments, *(["--baseline", baseline] if baseline != DEFAULT_BASELINE else [])])


def _text(change: dict[str, Any]) -> str:
    return f"{change['claim']}: {change['words']}" if change["claim"] else change["words"]


def _coloured(text: str, **markup: bool) -> Iterator[Line]:
    for line in wrapped(text):
        yield line, markup
