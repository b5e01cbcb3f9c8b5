"""What a person reads in the terminal: a refutation in words, and the summary at the end of a run.

Everything here is plain text from records. It must be right at 80 columns and without colour, because that is what a log of
continuous integration shows.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from lakatos.records import Record, witness_to_replay

Line = tuple[str, dict[str, bool]]
"""A line of text and its markup, as pytest's terminal writer takes it."""

WIDTH = 80
_COLUMNS = (("outcome", 11), ("warrant", 13), ("instances", 11), ("worst", 10), ("sec", 7))
_LONG_FRACTION = 30
_CLAIM = WIDTH - sum(width for _, width in _COLUMNS)


def number(value: Any) -> str:
    """A ratio as the tables show it: four significant digits, "-" for none."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    text = f"{value:.4g}"
    # Never wider than nine characters, or the table's columns would touch.
    if "e" not in text:
        return text
    short = f"{value:.2e}"
    return short if len(short) <= 9 else f"{value:.0e}"


def at_most(probability: float) -> str:
    """A bound on a probability in words, rounded up to one digit: "at most 3e-8"."""
    if probability == 0:
        return "0"
    exponent = math.floor(math.log10(probability))
    digit = math.ceil(round(probability / 10.0**exponent, 6))
    if digit == 10:
        digit, exponent = 1, exponent + 1
    return f"at most {digit}e{exponent}"


def ran(record: Record) -> str:
    """How the outcome reads in one word: "holds", "refuted*" (as expected), "REFUTED" (not expected), "ERROR"."""
    outcome: str = record["outcome"]
    if record["error"]:
        return "ERROR"
    if not record["as_expected"]:
        return outcome.upper()
    return outcome if outcome == "holds" else f"{outcome}*"


def colour(record: Record) -> dict[str, bool]:
    """Markup of the claim's row."""
    if not record["as_expected"] or record["reproduced"] is False:
        return {"red": True, "bold": True}
    return {"green": True} if record["outcome"] == "holds" else {"yellow": True}


def headline(record: Record) -> str:
    """One line that says what is wrong with the claim, or that nothing is."""
    name = f"{record['id']} ({record['label']})"
    if record["error"]:
        return f"{name} could not be judged: {record['error']}"
    warrant = "" if record["warrant"] == "none" else f" ({record['warrant']})"
    if record["as_expected"]:
        return f"{name}: {record['outcome']}{warrant}, as expected"
    return f"{name}: {record['outcome']}{warrant}, but expected: {record['expected']}"


def wrapped(text: str, indent: str = "") -> list[str]:
    """``text`` within 80 columns; a word that is longer (a command, a formula) is left whole, to be copied."""
    return [
        line
        for paragraph in text.splitlines() or [""]
        for line in textwrap.wrap(
            paragraph,
            WIDTH - 1,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        or [""]
    ]


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return str(value)


def table(rows: dict[str, Any], indent: str) -> list[str]:
    """Names and values, a row each, within 80 columns."""
    width = max((len(name) for name in rows), default=0)
    lines = []
    for name, value in rows.items():
        start = f"{indent}{name:<{width}} = "
        lines += textwrap.wrap(
            _value(value),
            WIDTH - 1,
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_long_words=False,
            break_on_hyphens=False,
        ) or [start.rstrip()]
    return lines


def _readable(text: str) -> str:
    """A fraction of many digits as a decimal; the record has it in full."""
    if len(text) <= _LONG_FRACTION or not re.fullmatch(r"-?\d+/\d+", text):
        return text
    try:
        return f"about {float(Fraction(text)):.10g}"
    except (OverflowError, ValueError):  # beyond the floats, or beyond the digits that Python reads
        return text


def witness_lines(record: Record) -> list[str]:
    """The instance that the outcome rests on, and both sides on it; nothing where there is none."""
    witness = record["smallest"] or record["worst"]
    if not witness:
        return []
    found = "witness" if record["kind"] == "existence" and record["outcome"] == "holds" else "worst instance"
    lines = [f"  {'smallest witness' if record['smallest'] else found} ({witness['arithmetic']})"]
    lines += table(witness["values"], "    ")
    if witness["operands"]:
        lines.append("  on it")
        lines += table({name: _readable(text) for name, text in witness["operands"].items()}, "    ")
    if witness["ratio"] is not None:
        lines.append(f"    ratio {number(witness['ratio'])}")
    return [*lines, ""]


def missing_strata(record: Record) -> list[str]:
    """The strata of which too few instances were seen; nothing where there is none."""
    lines = [
        line
        for name, count in record["instances"]["strata"].items()
        if count["required"] and count["seen"] < count["required"]
        for line in wrapped(f'stratum "{name}": {count["seen"]:,} of {count["required"]:,} required instances seen', "  ")
    ]
    return [*lines, ""] if lines else []


def explanation(record: Record) -> str:
    """Everything a reader needs to believe or dispute the outcome: statement, both sides on the witness, replay command."""
    lines = [headline(record), ""]
    if record["words"]:
        lines += [*wrapped(record["words"], "  "), ""]
    lines += [*wrapped(f"statement  {record['statement']}", "  "), f"  printed in {record['paper']['title']}"]
    lines += [f"  file       {record['file']}:{record['line']}", ""]
    if record["message"]:
        lines += [*wrapped(record["message"], "  "), ""]
    lines += witness_lines(record)
    lines += missing_strata(record)
    if record["expected"] == "refuted" and record["outcome"] == "holds" and not record["error"]:
        lines += [
            *wrapped(
                f"The catalogue expects this claim to be refuted ({record['reason']}: {record['because']}). It no longer is: "
                "either the algorithm or the claim has changed. If the change is right, drop expect= and say so.",
                "  ",
            ),
            "",
        ]
    if record["reproduced"] is not None:
        lines += [*wrapped(record["details"]["replay"], "  "), ""]
    lines.append(f"  replay: {record['replay']}")
    return "\n".join(lines)


def replay_words(record: Record, recorded: Record) -> str:
    """Whether the recorded outcome came out again, in a sentence."""
    then, ratio_then = recorded["outcome"], number(recorded["margin"]["worst"])
    ratio_now = number(record["margin"]["worst"])
    what = "witness" if witness_to_replay(recorded) else "budget and seed"
    if record["reproduced"]:
        return f"reproduced on the same {what}: {then} as recorded (worst ratio {ratio_now}, recorded {ratio_then})"
    return (
        f"NOT reproduced: the record says {then} (worst ratio {ratio_then}), but on the same {what} it now comes out as "
        f"{'an error' if record['error'] else record['outcome']} (worst ratio {ratio_now}). If the claim or its algorithm was "
        "changed on purpose, run it without --replay for a fresh verdict."
    )


def _row(cells: Sequence[str]) -> str:
    """The right part of a row; the first two cells are words, the others numbers."""
    words = "".join(f"{cell:<{width}}" for cell, (_, width) in zip(cells[:2], _COLUMNS[:2], strict=True))
    numbers = "".join(f"{cell:>{width}}" for cell, (_, width) in zip(cells[2:], _COLUMNS[2:], strict=True))
    return words + numbers


def plural(count: int, noun: str) -> str:
    """A count and its noun: "1 claim", "2 claims"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def summary(report: dict[str, Any]) -> Iterator[Line]:
    """Lines of the closing table: claims by paper, totals, what was not checked."""
    run, records = report["run"], report["claims"]
    plain: dict[str, bool] = {}
    if records:
        yield f"{'claim':<{_CLAIM}}" + _row([name for name, _ in _COLUMNS]), {"bold": True}
    papers: dict[str, list[Record]] = {}
    for record in records:
        papers.setdefault(record["paper"]["key"], []).append(record)
    for key, group in papers.items():
        paper = group[0]["paper"]
        title = f"{key}: {paper['title']}"
        yield (title if len(title) <= WIDTH else title[: WIDTH - 3] + "...", plain)
        for record in group:
            mark = " " if record["as_expected"] and record["reproduced"] is not False else "!"
            # A line of exactly 80 columns wraps in some terminals, so the table keeps the last one free.
            name = f"{mark} {record['entry']}/{record['variant']}"
            seconds = f"{record['seconds']:.1f} " if record["seconds"] < 1000 else f"{record['seconds']:.0f} "
            cells = [
                ran(record),
                record["warrant"],
                f"{record['instances']['total']:,}",
                number(record["margin"]["worst"]),
                seconds,
            ]
            if len(name) < _CLAIM:
                yield (f"{name:<{_CLAIM}}" + _row(cells)).rstrip(), colour(record)
            else:
                # A name is never cut: it is what one copies to select the claim.
                yield name, colour(record)
                yield (" " * _CLAIM + _row(cells)).rstrip(), colour(record)
    if records:
        yield "", plain
    yield from _totals(run, records)
    if any(record["as_expected"] and record["outcome"] != "holds" for record in records):
        yield "* as the catalogue expects; the report says why", {"yellow": True}
    for record in records:
        if not record["as_expected"]:
            for text in wrapped(f"! {headline(record)}"):
                yield text, {"red": True}
    if run["interrupted"]:
        left = f": {plural(len(run['not_run']), 'selected claim')} not checked" if run["not_run"] else ""
        text = f"The run did not reach its end{left}."
        for part in wrapped(text):
            yield part, {"red": True, "bold": True}
    for problem in run["problems"]:
        first = problem["message"].strip().partition("\n")[0].rstrip(":")
        for text in wrapped(f"! {problem['where']}: {first}"):
            yield text, {"red": True}


def _totals(run: dict[str, Any], records: Sequence[Record]) -> Iterator[Line]:
    if not records:
        yield "Nothing was checked.", {"red": True, "bold": True}
        return
    outcomes = ", ".join(f"{name} {count}" for name, count in run["outcomes"].items() if count)
    good = run["unexpected"] == 0
    totals = (
        f"{plural(len(records), 'claim')} ({outcomes}): {run['expected']} as expected, {run['unexpected']} not; "
        f"{plural(run['instances'], 'instance')} in {run['seconds']:.1f} s ({run['profile']}, {run['device']})"
    )
    for text in wrapped(totals):
        yield text, {"green": good, "red": not good, "bold": True}
    yield f"probability of any false alarm in this run: {at_most(run['alarm'])}", {}
    replayed = [record for record in records if record["reproduced"] is not None]
    if replayed:
        again = sum(record["reproduced"] for record in replayed)
        text = f"replayed from {run['replay_of']}: {again} of {len(replayed)} outcomes reproduced"
        for part in wrapped(text):
            yield part, {"green": again == len(replayed), "red": again != len(replayed)}
        for record in replayed:
            for part in wrapped(f"{record['id']}: {record['details']['replay']}", "  "):
                yield part, {"red": not record["reproduced"]}
