"""The report directory: a journal that survives a killed run, and files that are either old or new, never half."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lakatos.records import SCHEMA, Record

JOURNAL = "records.jsonl"
REPORT = "report.json"
JUNIT = "junit.xml"
PAGE = "index.html"
SUMMARY = "summary.md"
SARIF = "results.sarif"
EARLIER = ".earlier"
_NEEDED = ("id", "file", "name", "kind", "outcome", "warrant", "error", "margin", "smallest", "worst", "profile", "seed")


class ReportError(Exception):
    """A report cannot be written or read; the text says what, where, and what to do."""


def dumps(value: Any, *, indent: int | None = None) -> str:
    """``value`` as strict JSON.

    Raises
    ------
    ValueError
        for NaN and infinities, which JSON lacks.
    """
    return json.dumps(value, allow_nan=False, ensure_ascii=False, indent=indent)


def write_atomically(path: Path, text: str) -> None:
    """Writes ``path`` so that a reader, or a run killed midway, finds the old text or the new one, never a part.

    Raises
    ------
    OSError
        as the file system does.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def load_report(path: Path) -> dict[str, Any]:
    """The report in ``path``.

    Raises
    ------
    ReportError
        when it cannot be read, is not JSON, or is not a report that this version understands.
    """
    advice = "Pass the report.json that a run wrote into its report directory."
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(f"cannot read the report {path}: {error.strerror or error}. {advice}") from None
    except ValueError as error:
        raise ReportError(f"{path} is not JSON ({error}). {advice}") from None
    if not isinstance(report, dict) or not isinstance(report.get("claims"), list):
        raise ReportError(f"{path} is not a lakatos report: it has no list of claims. {advice}")
    if report.get("schema") != SCHEMA:
        raise ReportError(
            f"{path} follows the schema {report.get('schema')!r}; this version of lakatos reads {SCHEMA!r}. "
            "Write the report again, or use the version that wrote it."
        )
    for record in report["claims"]:
        lacking = [name for name in _NEEDED if not isinstance(record, dict) or name not in record]
        if lacking:
            raise ReportError(f"{path} is not a lakatos report: a claim in it lacks {', '.join(lacking)}. {advice}")
    return report


class ReportDirectory:
    """Where one run writes. Files that are not this class's own are never touched."""

    OWN = (JOURNAL, REPORT, JUNIT, PAGE, SUMMARY, SARIF)

    def __init__(self, path: Path) -> None:
        self.path = path
        self._started = False

    def check(self) -> None:
        """Finds out whether the directory can be written, without leaving anything behind.

        Raises
        ------
        ReportError
            when it cannot.
        """
        place = self.path
        while not place.exists() and not place.is_symlink() and place != place.parent:
            place = place.parent
        try:
            if not place.is_dir():
                raise NotADirectoryError(0, f"{place} is not a directory")
            # Trying is the only test that is right for read-only file systems, quotas and access lists alike.
            with tempfile.TemporaryDirectory(dir=place, prefix=".lakatos-"):
                pass
            for name in self.OWN:
                if (self.path / name).is_dir():
                    raise IsADirectoryError(0, f"{self.path / name} is a directory")
        except OSError as error:
            raise ReportError(self._words(error)) from None

    def start(self) -> None:
        """Makes the directory and an empty journal, and moves the reports of an earlier run into a hidden folder.

        A run that is killed must not leave the reports of another one beside its own journal; and one that cannot write its
        reports, for want of space, must not cost those of the run before.

        Raises
        ------
        ReportError
            when the directory cannot be written.
        """
        if self._started:
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._set_aside()
            (self.path / JOURNAL).write_text("", encoding="utf-8")
        except OSError as error:
            raise ReportError(self._words(error)) from None
        self._started = True

    def _set_aside(self) -> None:
        earlier = self.path / EARLIER
        if (self.path / REPORT).exists():
            shutil.rmtree(earlier, ignore_errors=True)
            earlier.mkdir(exist_ok=True)
            for name in self.OWN:
                with contextlib.suppress(FileNotFoundError):
                    os.replace(self.path / name, earlier / name)
        # Without a report they are what a killed run left.
        for name in self.OWN:
            (self.path / name).unlink(missing_ok=True)

    def append(self, record: Record) -> None:
        """Adds ``record`` to the journal at once, so that a killed run loses nothing that was decided.

        Raises
        ------
        ReportError
            when the directory cannot be written.
        """
        self.start()
        try:
            with (self.path / JOURNAL).open("a", encoding="utf-8") as journal:
                journal.write(dumps(record) + "\n")
        except OSError as error:
            raise ReportError(self._words(error)) from None

    def write(self, report: dict[str, Any]) -> None:
        """Writes report.json and its views: JUnit XML, the page, the summary in Markdown, and SARIF.

        The data come first: a page that cannot be drawn must not cost the record.

        Raises
        ------
        ReportError
            when the directory cannot be written or a view cannot be made; the other files are written all the same.
        """
        self.start()
        views: tuple[tuple[str, Callable[[], str]], ...] = (
            (REPORT, lambda: dumps(report, indent=1) + "\n"),
            (JUNIT, lambda: _junit(report)),
            (PAGE, lambda: _page(report)),
            (SUMMARY, lambda: _summary(report)),
            (SARIF, lambda: _sarif(report)),
        )
        failed: list[str] = []
        for name, text in views:
            try:
                write_atomically(self.path / name, text())
            except OSError as error:
                failed.append(self._words(error))
            except Exception as error:
                # A page that cannot be drawn must not cost the data.
                failed.append(f"{name} could not be made from the records: {type(error).__name__}: {error}.")
        if failed:
            kept = self.path / EARLIER
            if kept.is_dir():
                failed.append(f"The reports of the run before are kept in {kept}.")
            raise ReportError(" ".join(dict.fromkeys(failed)))
        shutil.rmtree(self.path / EARLIER, ignore_errors=True)

    def _words(self, error: OSError) -> str:
        return (
            f"cannot write the report directory {self.path}: {error.strerror or error}. "
            "Pass --report-dir a directory that you may write, or set lakatos_report_dir in the pytest configuration."
        )


def _junit(report: dict[str, Any]) -> str:
    from lakatos.reports.junit import junit_xml

    return junit_xml(report)


def _page(report: dict[str, Any]) -> str:
    from lakatos.reports.html import html_page

    return html_page(report)


def _summary(report: dict[str, Any]) -> str:
    from lakatos.reports.summary import markdown

    return markdown(report)


def _sarif(report: dict[str, Any]) -> str:
    from lakatos.reports.sarif import sarif

    return sarif(report)
