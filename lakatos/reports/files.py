"""Names of report files, strict JSON, and writing that leaves either the old text or the new one."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

JOURNAL = "records.jsonl"
REPORT = "report.json"
JUNIT = "junit.xml"
PAGE = "index.html"
FOLDERS = ("papers", "claims")
"""Where the pages below the index stand."""
SUMMARY = "summary.md"
SARIF = "results.sarif"
EARLIER = ".earlier"
AUDIT = "audit.json"


def dumps(value: Any, *, indent: int | None = None) -> str:
    """``value`` as strict JSON.

    Raises
    ------
    ValueError
        for NaN and infinities, which JSON lacks.
    """
    return json.dumps(value, allow_nan=False, ensure_ascii=False, indent=indent)


def write_atomically(path: Path, text: str, *, sync: bool = False) -> None:
    """Writes ``path`` so that a reader, or a run killed midway, finds the old text or the new one, never a part.

    With ``sync`` the text has reached the disk before the old one goes, which a machine that loses power respects as well.

    Raises
    ------
    OSError
        as the file system does.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
