"""Where an audit keeps what it has found: a file a shard, each whole or absent, behind a lock."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from lakatos.audit.merge import merge
from lakatos.audit.plan import Shard, Target
from lakatos.records import Record
from lakatos.reports.directory import NEEDED, ReportError
from lakatos.reports.files import AUDIT, dumps, write_atomically

SCHEMA = "urn:lakatos:audit:1"
SHARD_SCHEMA = "urn:lakatos:shard:1"
SHARDS, LOCK = "shards", ".lakatos-lock"
_NAME = re.compile(r"(?P<text>[0-9a-f]{16})-(?P<key>[A-Za-z0-9_]+-\d+|power)\.json")
_LEFT_BEHIND = re.compile(r"\..+\.json\.\d+\.tmp")


def _locked(handle: IO[str]) -> bool:
    """Locks an open file until it is closed or its process ends, however it ends; False where another process holds it."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class AuditFolder:
    """The report directory of an audit."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps other audits out.

        Raises
        ------
        ReportError
            when another audit writes here, or the folder cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            handle = (self.path / LOCK).open("a+", encoding="utf-8")
        except OSError as error:
            raise self.unwritable(error) from None
        with handle:
            if not _locked(handle):
                handle.seek(0)
                raise ReportError(
                    f"another audit is writing to {self.path} ({handle.read().strip() or 'unknown process'}). Wait for it, stop it, "
                    "or pass another --report-dir; reports of several directories merge: lakatos report --help. Nothing was changed."
                )
            handle.truncate(0)
            handle.write(f"process {os.getpid()}\n")
            handle.flush()
            yield

    def unwritable(self, error: OSError) -> ReportError:
        """The error in words."""
        return ReportError(
            f"cannot write to {self.path}: {error.strerror or error}. Every shard that was recorded is whole; when there is room, "
            "the same command continues from them."
        )

    def runs(self) -> list[dict[str, Any]]:
        """The runs of this audit so far.

        Raises
        ------
        ReportError
            when audit.json is damaged or of another version.
        """
        path = self.path / AUDIT
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise ReportError(
                f"{path} cannot be read ({error}). It lists the runs of this audit; move it away to continue without the list: the "
                "shards stand by themselves. Nothing was changed."
            ) from None
        if not isinstance(data, dict) or data.get("schema") != SCHEMA or not isinstance(data.get("runs"), list):
            found = data.get("schema") if isinstance(data, dict) else None
            raise ReportError(
                f"{path} follows the schema {found!r}; this version of lakatos reads {SCHEMA!r}. Pass another --report-dir, or use the "
                "version that wrote it. Nothing was changed."
            )
        return list(data["runs"])

    def write_runs(self, runs: Sequence[dict[str, Any]]) -> None:
        """Writes the list of runs.

        Raises
        ------
        ReportError
            when the folder cannot be written.
        """
        try:
            write_atomically(self.path / AUDIT, dumps({"schema": SCHEMA, "runs": list(runs)}, indent=1) + "\n")
        except OSError as error:
            raise self.unwritable(error) from None

    def _place(self, claim_id: str) -> Path:
        return self.path.joinpath(SHARDS, *claim_id.split("/"))

    def write(self, shard: Shard, record: Record) -> None:
        """Records a shard, at once and whole.

        Raises
        ------
        ReportError
            when the folder cannot be written.
        """
        self._write(shard.target, shard.key, {"schema": SHARD_SCHEMA, "index": shard.index, "record": record})

    def write_power(self, target: Target, power: dict[str, Any]) -> None:
        """Records how many false variants of a claim its check refutes.

        Raises
        ------
        ReportError
            when the folder cannot be written.
        """
        self._write(target, "power", {"schema": SHARD_SCHEMA, "id": target.id, "power": power})

    def _write(self, target: Target, key: str, data: dict[str, Any]) -> None:
        place = self._place(target.id)
        try:
            place.mkdir(parents=True, exist_ok=True)
            write_atomically(place / f"{target.fingerprint}-{key}.json", dumps(data) + "\n", sync=True)
        except OSError as error:
            raise self.unwritable(error) from None

    def read(self) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
        """Everything recorded: by claim id, the text's fingerprint, the shard's key and what its file holds.

        Files of other names are left alone. So is what a killed run left half-written beside them.

        Raises
        ------
        ReportError
            for a file that is damaged, foreign, or of another version.
        """
        found: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
        for path in sorted((self.path / SHARDS).glob("*/*/*/*.json")):
            named = _NAME.fullmatch(path.name)
            if named is not None:
                claim_id = "/".join(path.parent.parts[-3:])
                found.setdefault(claim_id, []).append((named["text"], named["key"], _read(path, claim_id, named["key"])))
        return found

    def clean(self) -> None:
        """Removes the half-written files of killed runs; to be called behind the lock."""
        for path in (self.path / SHARDS).glob("*/*/*/.*.tmp"):
            if _LEFT_BEHIND.fullmatch(path.name):
                with contextlib.suppress(OSError):
                    path.unlink()

    def done(self) -> set[tuple[str, str, str]]:
        """Claim id, fingerprint and key of what need not be run again: all that is recorded, but for shards that ended in an error.

        Raises
        ------
        ReportError
            as :meth:`read` does.
        """
        return {
            (claim_id, text, key)
            for claim_id, files in self.read().items()
            for text, key, data in files
            if key == "power" or data["record"]["error"] is None
        }

    def records(self, targets: Iterable[Target]) -> tuple[list[Record], int]:
        """The merged record of every claim, and how many shards were left out.

        Of a target the shards of its present text count; of another claim, found here by an earlier run, those of its latest text.

        Raises
        ------
        ReportError
            as :meth:`read` does.
        """
        texts = {target.id: target.fingerprint for target in targets}
        merged, left_out = [], 0
        for claim_id, files in self.read().items():
            shards = [(text, data["record"]) for text, key, data in files if key != "power"]
            if not shards:
                continue
            latest = max(shards, key=lambda shard: shard[1]["started"])[0]
            text = texts.get(claim_id, latest)
            own = [record for other, record in shards if other == text]
            left_out += len(shards) - len(own)
            if own:
                record = merge(own)
                power = [data["power"] for other, key, data in files if key == "power" and other == text]
                merged.append(record | {"power": power[0]} if power else record)
        return merged, left_out


def _read(path: Path, claim_id: str, key: str) -> dict[str, Any]:
    advice = "Move it away to have the shard run again. Nothing was changed."
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(f"cannot read {path}: {error.strerror or error}. Nothing was changed.") from None
    except ValueError as error:
        raise ReportError(f"{path} is damaged ({error}). {advice}") from None
    if not isinstance(data, dict) or data.get("schema") != SHARD_SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else None
        raise ReportError(
            f"{path} follows the schema {found!r}; this version of lakatos reads {SHARD_SCHEMA!r}. Use the version that wrote it, or "
            f"another --report-dir. {advice}"
        )
    if key == "power":
        whole = isinstance(data.get("power"), dict) and data.get("id") == claim_id
    else:
        record = data.get("record")
        whole = isinstance(record, dict) and all(name in record for name in NEEDED) and record["id"] == claim_id
    if not whole:
        raise ReportError(f"{path} is no shard of {claim_id}. {advice}")
    return data
