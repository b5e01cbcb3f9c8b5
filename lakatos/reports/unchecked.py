"""What a paper prints and no claim checks: the file UNCHECKED.md beside the paper's theorem files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lakatos.records import Record

FILE = "UNCHECKED.md"


def unchecked_in(text: str) -> list[dict[str, str]]:
    """The items of an ``UNCHECKED.md``: ``- entry — what — why``, wrapped with indented lines; the rest is for its reader alone."""
    items: list[str] = []
    for line in text.splitlines():
        if line[:2] in ("- ", "* "):
            items.append(line[2:])
        elif line[:1].isspace() and line.strip() and items:
            items[-1] += f" {line.strip()}"
    found = []
    for item in items:
        parts = [part.strip() for part in item.split(" — ", 2)]
        if len(parts) > 1 and parts[0]:
            entry, what, why = parts if len(parts) == 3 else (parts[0], "", parts[1])
            found.append({"entry": entry.strip("`*"), "what": what, "why": why})
    return found


def unchecked_of(records: Iterable[Record], start: Path) -> dict[str, list[dict[str, str]]]:
    """By paper, what the files beside its theorem files list; ``start`` is where the records' paths are read from."""
    folders: dict[str, dict[Path, None]] = {}
    for record in records:
        folders.setdefault(record["paper"]["key"], {})[(start / record["file"]).parent] = None
    found = {}
    for key, places in folders.items():
        items = []
        for place in places:
            try:
                items += unchecked_in((place / FILE).read_text(encoding="utf-8"))
            except (OSError, UnicodeError):
                continue
        if items:
            found[key] = items
    return found
