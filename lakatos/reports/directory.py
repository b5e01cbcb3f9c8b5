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
from lakatos.reports.files import AUDIT, EARLIER, FOLDERS, JOURNAL, JUNIT, PAGE, REPORT, SARIF, SUMMARY, dumps, write_atomically

NEEDED = ("id", "file", "name", "kind", "outcome", "warrant", "error", "margin", "smallest", "worst", "profile", "seed")


class ReportError(Exception):
    """A report cannot be written or read; the text says what, where, and what to do."""


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
        lacking = [name for name in NEEDED if not isinstance(record, dict) or name not in record]
        if lacking:
            raise ReportError(f"{path} is not a lakatos report: a claim in it lacks {', '.join(lacking)}. {advice}")
    return report


class ReportDirectory:
    """Where one run writes. Files that are not this class's own are never touched.

    Parameters
    ----------
    path:
        The directory.
    audit:
        Whether an audit writes here, which keeps a journal of its own and replaces each file by its next version.
    """

    OWN = (JOURNAL, REPORT, JUNIT, PAGE, SUMMARY, SARIF)

    def __init__(self, path: Path, *, audit: bool = False) -> None:
        self.path = path
        self._audit = audit
        self._started = False

    def check(self) -> None:
        """Finds out whether the directory can be written, without leaving anything behind or taking anything away.

        Raises
        ------
        ReportError
            when it cannot, or when files of another program stand where the report would.
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
            foreign = [name for name in self.OWN if not _is_ours(self.path / name)]
            held = not self._audit and (self.path / AUDIT).exists()
        except OSError as error:
            raise ReportError(self._words(error)) from None
        if foreign:
            raise ReportError(
                f"{self.path} holds files of another program where the report would be written: {', '.join(foreign)}. "
                "Pass another --report-dir, or move them away. Nothing was changed."
            )
        if held:
            raise ReportError(
                f"{self.path} holds the report of an audit, which a run of pytest would replace by its own. Pass another --report-dir. "
                "Nothing was changed."
            )

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
            if self._audit:
                self._started = True
                return
            self._set_aside()
            (self.path / JOURNAL).write_text("", encoding="utf-8")
        except OSError as error:
            raise ReportError(self._words(error)) from None
        self._started = True

    def _set_aside(self) -> None:
        earlier, journal = self.path / EARLIER, self.path / JOURNAL
        # A run that checked nothing is no loss, and must not push out one that did.
        if (self.path / REPORT).exists() and journal.exists() and journal.stat().st_size:
            shutil.rmtree(earlier, ignore_errors=True)
            earlier.mkdir(exist_ok=True)
            for name in self.OWN:
                with contextlib.suppress(FileNotFoundError):
                    os.replace(self.path / name, earlier / name)
            for page in self._pages():
                (earlier / page).parent.mkdir(parents=True, exist_ok=True)
                os.replace(self.path / page, earlier / page)
        # Without a report they are what a killed run left.
        for name in (*self.OWN, *self._pages()):
            (self.path / name).unlink(missing_ok=True)
        self._drop_empty_folders()

    def _pages(self) -> list[str]:
        """The pages below the index that an earlier run wrote."""
        found = (page for folder in FOLDERS for page in sorted((self.path / folder).rglob("*.html")))
        return [page.relative_to(self.path).as_posix() for page in found if page.is_file() and _is_ours(page)]

    def _drop_empty_folders(self) -> None:
        for top in (self.path / folder for folder in FOLDERS):
            for folder in (*sorted((p for p in top.rglob("*") if p.is_dir()), reverse=True), top):
                with contextlib.suppress(OSError):  # one that still holds something
                    folder.rmdir()

    def _write_site(self, report: dict[str, Any]) -> None:
        """Writes the pages, the index last: what it links to is there. Pages of claims that are no longer there go."""
        from lakatos.reports.site import site

        pages = site(report)
        before = self._pages()
        for page, text in reversed(pages.items()):
            place = self.path / page
            if place.is_file() and not _is_ours(place):
                raise FileExistsError(0, f"{place} is a file of another program")
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(place, text)
        for page in set(before) - set(pages):
            (self.path / page).unlink(missing_ok=True)
        self._drop_empty_folders()

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
        """Writes report.json and its views: JUnit XML, the site, the summary in Markdown, and SARIF.

        The data come first: a page that cannot be drawn must not cost the record.

        Raises
        ------
        ReportError
            when the directory cannot be written or a view cannot be made; the other files are written all the same.
        """
        self.start()

        def file(name: str, text: Callable[[], str]) -> tuple[str, Callable[[], None]]:
            return name, lambda: write_atomically(self.path / name, text())

        views = (
            file(REPORT, lambda: dumps(report, indent=1) + "\n"),
            file(JUNIT, lambda: _junit(report)),
            (PAGE, lambda: self._write_site(report)),
            file(SUMMARY, lambda: _summary(report)),
            file(SARIF, lambda: _sarif(report)),
        )
        failed: list[str] = []
        for name, write in views:
            try:
                write()
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
        if report["claims"]:
            shutil.rmtree(self.path / EARLIER, ignore_errors=True)

    def _words(self, error: OSError) -> str:
        return (
            f"cannot write the report directory {self.path}: {error.strerror or error}. "
            "Pass --report-dir a directory that you may write, or set lakatos_report_dir in the pytest configuration."
        )


def _junit(report: dict[str, Any]) -> str:
    from lakatos.reports.junit import junit_xml

    return junit_xml(report)


def _is_ours(path: Path) -> bool:
    """Whether there is no such file, or one that a run wrote."""
    try:
        with path.open("rb") as file:
            head = file.read(65536)
    except FileNotFoundError:
        return True
    return not head.strip() or b"lakatos" in head.lower()


def _summary(report: dict[str, Any]) -> str:
    from lakatos.reports.summary import markdown

    return markdown(report)


def _sarif(report: dict[str, Any]) -> str:
    from lakatos.reports.sarif import sarif

    return sarif(report)
