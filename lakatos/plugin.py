"""The pytest plugin: collects claims from theorem files, hunts each one, and turns the verdicts into tests and reports.

pytest imports this module in every run of every project that has lakatos installed. It therefore imports neither torch nor
sympy nor a template engine; they load when the first claim runs.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lakatos.errors import ClaimError
from lakatos.profiles import PROFILES, get_profile
from lakatos.run import RUN, Listing, Reporter, Run
from lakatos.theorem_files import PATTERNS, is_theorem_file, matches

if TYPE_CHECKING:
    from lakatos.claims import Claim
    from lakatos.progress import Progress
    from lakatos.records import Record
    from lakatos.reports.directory import ReportDirectory
    from lakatos.verdicts import Verdict

KINDS = {
    "inequality": "a claim that one side bounds the other",
    "identity": "a claim that two computations agree",
    "limit": "a claim that a run tends to a limit",
    "rate": "a claim about the order of growth or decay",
    "trend": "a claim that a quantity rises or falls",
    "probability": "a claim about the probability of an event",
    "expectation": "a claim about the mean of a bounded quantity, sampled",
    "existence": "a claim that some instance satisfies a relation",
    "reproduction": "a printed table or figure, run again",
}
# As a paper's key each of these would change what pytest does with the claim, or make -m ambiguous.
_RESERVED = {"parametrize", "skip", "skipif", "usefixtures", "xfail", "filterwarnings", "tryfirst", "trylast", *KINDS}
_NAMES = ("device", "profile", "report-dir", "replay", "power", "baseline")
_OPTIONS = {"--lakatos-seed", *(f"--{prefix}{name}" for prefix in ("", "lakatos-") for name in _NAMES)}


class OutcomeError(Exception):
    """A claim's outcome is not the expected one; the text explains it to the reader."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options. A short name that another plugin already has is left to it; the long one always works."""
    group = parser.getgroup("lakatos", "lakatos: attack theorems")
    # pytest notices names given twice only when it parses, and then every run of the environment fails.
    groups = [getattr(parser, "_anonymous", None), *getattr(parser, "_groups", [])]
    taken = {name for other in groups for option in getattr(other, "options", []) for name in option.names()}

    def add(name: str, **settings: Any) -> None:
        names = [short for short in (f"--{name}",) if short not in taken]
        group.addoption(*names, f"--lakatos-{name}", dest=f"lakatos_{name.replace('-', '_')}", **settings)

    add(
        "device",
        choices=("cpu", "cuda", "auto"),
        help="Where claims are evaluated (default: cpu; auto: cuda where there is one).",
    )
    add("profile", choices=tuple(PROFILES), help="How hard to look (default: gate).")
    add("report-dir", metavar="DIR", help="Where the reports go (default: reports/latest in the root directory).")
    add(
        "replay",
        metavar="REPORT.json",
        help="Run each selected claim on exactly the witness that this report recorded. Writes no report unless "
        "--report-dir names another directory.",
    )
    add(
        "power",
        action="store_true",
        help="Also try each claim that holds on false variants of itself, and report how many its check refutes.",
    )
    add(
        "baseline",
        metavar="FILE",
        help="Fail when the selected claims differ from what this file accepts (default: the ini setting lakatos_baseline). "
        "Written by 'lakatos accept'.",
    )
    group.addoption(
        "--lakatos-seed",
        type=int,
        metavar="INT",
        dest="lakatos_seed",
        help="Seed of the random streams of every claim.",
    )
    # For the command "lakatos list": prints the claims that were collected, and nothing else.
    group.addoption("--lakatos-list", action="store_true", dest="lakatos_list", help=argparse.SUPPRESS)
    parser.addini(
        "lakatos_files",
        "Name patterns of the files that claims are collected from.",
        type="args",
        default=list(PATTERNS),
    )
    parser.addini("lakatos_report_dir", "Where the reports go.", default="reports/latest")
    parser.addini("lakatos_baseline", "The accepted state that every run is compared with; none by default.", default="")


def _used(config: pytest.Config) -> bool:
    # The arguments as typed: options that stand in addopts belong to every run, also to those that want no claim.
    typed = (str(argument).partition("=")[0] for argument in config.invocation_params.args)
    return any(argument in _OPTIONS for argument in typed)


def _listing(config: pytest.Config) -> bool:
    return any(bool(config.getoption(name, False)) for name in ("collectonly", "setuponly", "setupplan", "showfixtures"))


def choose_device(asked: str) -> tuple[str, str]:
    """The device for ``asked`` (cpu, cuda or auto), and the choice in words.

    Raises
    ------
    pytest.UsageError
        when CUDA is asked for and absent.
    """
    if asked == "cpu":
        return "cpu", "cpu"
    import torch

    there = torch.cuda.is_available()
    if asked == "auto":
        if there:
            return "cuda", f"cuda, chosen by auto ({torch.cuda.get_device_name()})"
        return "cpu", f"cpu, chosen by auto: torch {torch.__version__} sees no CUDA device"
    if not there:
        why = "was built without CUDA" if torch.version.cuda is None else "sees no CUDA device (driver or permission?)"
        raise pytest.UsageError(
            f"--device cuda: there is no CUDA device here: torch {torch.__version__} {why}. "
            "Nothing was run. Use --device cpu, or --device auto to take CUDA only where there is one."
        )
    return "cuda", f"cuda ({torch.cuda.get_device_name()})"


def pytest_configure(config: pytest.Config) -> None:
    """Settles the run before anything is collected.

    Raises
    ------
    pytest.UsageError
        for a device that is absent, a replay that cannot be read, a report directory that cannot be written.
    """
    for kind, words in KINDS.items():
        config.addinivalue_line("markers", f"{kind}: {words}")
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    profile = get_profile(config.getoption("lakatos_profile") or "gate")
    replay_name: str | None = config.getoption("lakatos_replay")
    seed: int | None = config.getoption("lakatos_seed")
    if seed is None:
        seed = profile.seed
    asked = _used(config)
    if worker is not None:
        device, words, seed = worker["lakatos_device"], "", worker["lakatos_seed"]
    else:
        device, words = choose_device(config.getoption("lakatos_device") or "cpu")
    if seed is None:
        seed = int.from_bytes(os.urandom(4), "big") >> 1
    replay = _load_replay(config, replay_name) if replay_name else None
    if replay:
        # Each claim is replayed with the profile on its record; for the run as a whole any of them will do.
        profile = PROFILES.get(next(iter(replay.values())).get("profile", ""), profile)
    run = Run(profile, device, words, seed, None, asked, replay, replay_name)
    run.power = bool(config.getoption("lakatos_power"))
    if worker is None and not _listing(config):
        run.directory = _report_directory(config, replay_name)
        if run.directory is not None and asked:
            _check(run.directory)
        _open_gate(config, run)
    config.stash[RUN] = run
    if worker is None and not _listing(config):
        config.pluginmanager.register(Reporter(config, run), "lakatos-reporter")
    if config.getoption("lakatos_list"):
        config.pluginmanager.register(Listing(), "lakatos-listing")


def _load_replay(config: pytest.Config, name: str) -> dict[str, Record]:
    from lakatos.reports.directory import ReportError, load_report

    try:
        report = load_report(config.invocation_params.dir / name)
    except ReportError as error:
        raise pytest.UsageError(f"--replay: {error}") from None
    return {record["id"]: record for record in report["claims"]}


def _report_directory(config: pytest.Config, replay: str | None) -> ReportDirectory | None:
    from lakatos.reports.directory import ReportDirectory

    given: str | None = config.getoption("lakatos_report_dir")
    if given is None:
        # A replay must not overwrite the very report that it reads, which most often is the latest one.
        return None if replay else ReportDirectory(config.rootpath / config.getini("lakatos_report_dir"))
    directory = ReportDirectory(config.invocation_params.dir / given)
    if replay and (config.invocation_params.dir / replay).resolve().parent == directory.path.resolve():
        raise pytest.UsageError(
            f"--report-dir {given} holds the report that --replay reads; it would be overwritten. "
            "Name another directory, or leave --report-dir out: a replay then writes no report."
        )
    return directory


def _open_gate(config: pytest.Config, run: Run) -> None:
    from lakatos.gate.baseline import BaselineError
    from lakatos.gate.run import Gate
    from lakatos.records import shown_path

    given: str | None = config.getoption("lakatos_baseline")
    if run.replay is not None:
        if given:
            raise pytest.UsageError(
                "--replay and --baseline exclude each other: a replay looks at recorded witnesses alone, and a baseline says what "
                "a whole search found. Nothing was run."
            )
        return
    if given:
        path, shown = config.invocation_params.dir / given, given
        if not path.exists():
            raise pytest.UsageError(
                f"--baseline: there is no baseline {given}. Nothing was run. To write it, run the claims without this option and "
                f"accept what they say: lakatos accept REPORT.json --baseline {given}"
            )
    elif configured := config.getini("lakatos_baseline"):
        path = config.rootpath / configured
        shown = shown_path(path, config.invocation_params.dir)
    else:
        return
    try:
        run.gate = Gate.read(path, shown)
    except BaselineError as error:
        run.gate_error = f"{error} Nothing was run."
        if run.asked:
            raise pytest.UsageError(run.gate_error) from None


def _check(directory: ReportDirectory) -> None:
    from lakatos.reports.directory import ReportError

    try:
        directory.check()
    except ReportError as error:
        raise pytest.UsageError(f"{error} Nothing was run.") from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of pytest-xdist what the controller decided, so that all of them use one device and one seed."""
    run = node.config.stash[RUN]
    node.workerinput["lakatos_device"] = run.device
    node.workerinput["lakatos_seed"] = run.seed


def pytest_report_header(config: pytest.Config) -> str | None:
    """Says what was chosen, where an option asked for a choice."""
    run = config.stash[RUN]
    if not run.asked:
        return None
    return f"lakatos: profile {run.profile.name}, device {run.device_words}, seed {run.seed}"


def pytest_report_collectionfinish(config: pytest.Config) -> str | None:
    """Says how many claims were found."""
    run = config.stash[RUN]
    if not run.selected:
        return None
    count = len(run.selected)
    noun = "claim" if count == 1 else "claims"
    if run.replay is not None:
        return f"lakatos: {count} {noun} to replay from {run.replay_of}"
    return f"lakatos: {count} {noun}, profile {run.profile.name}, device {run.device}, seed {run.seed}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collects theorem files from directories."""
    config = parent.config
    if parent.session.isinitpath(file_path) or matches(file_path, config.getini("python_files")):
        # pytest asks for a module of its own for these, and gets it from pytest_pycollect_makemodule.
        return None
    if not is_theorem_file(file_path, config, explicit=False):
        return None
    module: pytest.Module = TheoremFile.from_parent(parent, path=file_path)
    return module


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collects theorem files that are named on the command line."""
    if not is_theorem_file(module_path, parent.config, explicit=parent.session.isinitpath(module_path)):
        return None
    module: pytest.Module = TheoremFile.from_parent(parent, path=module_path)
    return module


class TheoremFile(pytest.Module):
    """A file of claims."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """The claims in the order of the file, and the tests of a file that only the command line made a theorem file.

        Raises
        ------
        pytest.Collector.CollectError
            when the file is not Python, a claim id or a name is used twice, or a paper's key is a word that pytest reserves.
        """
        module = self._imported()
        # A file that does not import the package has no claims, and need not pay for the import.
        if "lakatos.claims" in sys.modules:
            from lakatos.claims import claims_in

            claims = claims_in(module)
        else:
            claims = []
        names: dict[str, Claim] = {}
        for claim in claims:
            self._refuse_duplicates(claim, names)
            yield ClaimItem.from_parent(self, name=claim.name, claim=claim)
        # A theorem file holds claims alone: what it imports under names such as test_loss is no test.
        if not is_theorem_file(self.path, self.config, explicit=False):
            for node in super().collect():
                if node.name not in names:
                    yield node

    def _imported(self) -> Any:
        try:
            return self.obj
        except self.CollectError as error:
            wrong = error.__cause__
            if not isinstance(wrong, SyntaxError):
                raise
            # How Python came to read the file fills a screen and helps nobody.
            text = f"\n    {wrong.text.strip()}" if wrong.text else ""
            raise self.CollectError(
                f"{type(wrong).__name__}: {wrong.msg} ({wrong.filename}, line {wrong.lineno}){text}"
            ) from None

    def _refuse_duplicates(self, claim: Claim, names: dict[str, Claim]) -> None:
        if claim.paper.key in _RESERVED:
            raise self.CollectError(
                f"{claim.file}:{claim.line}: the paper's key {claim.paper.key!r} is a marker that pytest or lakatos gives a "
                "meaning to. Choose another key, such as the first author and the year."
            )
        run = self.config.stash[RUN]
        place = (Path(claim.file), claim.line, claim.name)
        first = run.places.setdefault(claim.id, place)
        if first != place:
            raise self.CollectError(
                f"The claim id {claim.id!r} is used twice:\n"
                f"  {first[0]}:{first[1]} ({first[2]})\n"
                f"  {place[0]}:{place[1]} ({place[2]})\n"
                "Records and replays are found by id. Give one of them another entry= or variant=."
            )
        if claim.name in names:
            raise self.CollectError(
                f"{claim.file}: two claims are called {claim.name!r} ({names[claim.name].id} and {claim.id}). "
                "A test is selected by its name. Give one of them another name=."
            )
        names[claim.name] = claim

    def repr_failure(  # type: ignore[override]
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> Any:
        """A wrongly written claim speaks for itself; a traceback through the decorator would only hide its text."""
        if isinstance(excinfo.value, ClaimError):
            return f"{self.path}: {excinfo.value}"
        return super().repr_failure(excinfo)


class ClaimItem(pytest.Item):
    """One claim as a test: it passes when the hunt ends in the outcome that the claim expects."""

    def __init__(self, *, claim: Claim, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.claim = claim
        self.record: Record | None = None
        kind, paper = claim.kind.name, claim.paper
        # Registered before use: under strict markers an unknown one is an error.
        known = {line.partition(":")[0].strip() for line in self.config.getini("markers")}
        for name, words in ((kind, "a kind of claim"), (paper.key, f"claims of {paper.title!r}")):
            if name not in known:
                self.config.addinivalue_line("markers", f"{name}: {words}")
            self.add_marker(name)
        words_of_claim = (paper.key, kind, claim.label, claim.entry, claim.variant)
        self.extra_keyword_matches.update(words_of_claim)
        # The expression of -k has no quotes: "Lemma 4.8" is selected as Lemma_4.8 or Lemma-4.8.
        self.extra_keyword_matches.update(claim.label.replace(" ", joint) for joint in "_-")

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the claim begins, for editors and for ``-v``."""
        return Path(self.claim.file), self.claim.line - 1, self.name

    def runtest(self) -> None:
        """Hunts the claim.

        Raises
        ------
        OutcomeError
            when the outcome is not the expected one, or a replay does not reproduce the recorded one.
        """
        from lakatos.progress import Progress
        from lakatos.records import now, record_of, undecided, witness_to_replay
        from lakatos.terminal import explanation, replay_words

        run = self.config.stash[RUN]
        recorded = self._recorded(run)
        profile, seed, witness = run.profile, run.seed, None
        if recorded is not None:
            # Where no single witness carries the outcome, the same search is run again instead.
            witness = witness_to_replay(recorded)
            profile = PROFILES.get(recorded["profile"], run.profile)
            seed = recorded["seed"]

        from lakatos.hunting import hunt

        progress = Progress(self.config)
        error: Exception | None = None
        started, clock = now(), time.perf_counter()
        try:
            verdict = hunt(self.claim, profile=profile, seed=seed, device=run.device, progress=progress, witness=witness)
        except Exception as raised:
            # Whatever a claim's code raises, its record must not be lost.
            error = raised
            words = str(raised) if isinstance(raised, ClaimError) else f"{type(raised).__name__}: {raised}"
            verdict = replace(undecided(words), seed=seed, device=run.device)
        finally:
            progress.clear()
        self.record = record_of(
            self.claim,
            verdict,
            nodeid=self.nodeid,
            file=self._shown(Path(self.claim.file)),
            replay=self._replay_command(run),
            profile=profile.name,
            started=started,
            seconds=time.perf_counter() - clock,
            error=type(error).__name__ if error else None,
        )
        if run.power and error is None and verdict.outcome == "holds" and self.record["as_expected"]:
            self.record["power"] = self._power(verdict, seed, progress)
        if recorded is not None:
            now_and_then = [(record["outcome"], record["error"]) for record in (self.record, recorded)]
            self.record["reproduced"] = now_and_then[0] == now_and_then[1]
            self.record["details"]["replay"] = replay_words(self.record, recorded)
        if error is not None and not isinstance(error, ClaimError):
            raise error
        if not self.record["as_expected"] or self.record["reproduced"] is False:
            raise OutcomeError(explanation(self.record))

    def _power(self, verdict: Verdict, seed: int, progress: Progress) -> dict[str, Any]:
        from lakatos.power import score

        def tell(claim: Claim, done: int, of: int) -> None:
            progress(claim, verdict.evaluations, verdict.margin.worst, f"variant {done}/{of}")

        try:
            return score(self.claim, seed=seed, progress=tell).as_data()
        finally:
            progress.clear()

    def _recorded(self, run: Run) -> Record | None:
        if run.replay is None:
            return None
        if self.claim.id not in run.replay:
            raise OutcomeError(
                f"{self.claim.id} has no record in {run.replay_of}. Select the claims that it holds, or run without --replay."
            )
        return run.replay[self.claim.id]

    def _shown(self, path: Path) -> str:
        from lakatos.records import shown_path

        return shown_path(path, self.config.invocation_params.dir)

    def _replay_command(self, run: Run) -> str:
        if run.replay_of is not None:
            report = run.replay_of
        else:
            given = self.config.getoption("lakatos_report_dir") or self.config.getini("lakatos_report_dir")
            base = self.config.invocation_params.dir if self.config.getoption("lakatos_report_dir") else self.config.rootpath
            report = self._shown(base / given / "report.json")
        from lakatos.records import replay_command

        return replay_command(f"{self._shown(self.path)}::{self.name}", report)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A refutation in words; a traceback only for an error inside the claim's own code."""
        if isinstance(excinfo.value, OutcomeError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def _traceback_filter(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
        """Starts the traceback where the theorem file's code starts: how the hunt got there helps nobody."""
        here = str(Path(__file__).parent) + os.sep
        own = [i for i, entry in enumerate(excinfo.traceback) if not str(entry.path).startswith(here)]
        theorem = [i for i in own if str(excinfo.traceback[i].path) == str(self.path)]
        return type(excinfo.traceback)(list(excinfo.traceback)[theorem[0] :]) if theorem else excinfo.traceback


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Puts the record on the test's report, as text: that is what pytest-xdist carries from a worker."""
    report = yield
    if isinstance(item, ClaimItem) and call.when == "call" and item.record is not None:
        from lakatos.reports.files import dumps

        report.lakatos_record = dumps(item.record)
        item.record = None
    return report


# First, because pytest's own hook of this name prints how many claims were found.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Notes the claims that will run, and makes sure that their reports can be written before the first one does."""
    run = session.config.stash[RUN]
    run.selected.update((item.nodeid, None) for item in session.items if isinstance(item, ClaimItem))
    run.collected.update(run.places)
    _prepare(run)
    if run.selected:
        # What has been imported stays; the collector need not look through it again and again, a twentieth of a run.
        gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """The same for pytest-xdist, whose controller sees node ids only."""
    config = node.config
    run = config.stash[RUN]
    typed = {Path(str(argument).partition("::")[0]).name for argument in config.invocation_params.args}
    theorem_files: dict[str, bool] = {}
    for nodeid in ids:
        file = nodeid.partition("::")[0]
        if file not in theorem_files:
            path = config.rootpath / file
            theorem_files[file] = is_theorem_file(path, config, explicit=path.name in typed)
        if theorem_files[file]:
            run.selected[nodeid] = None
    _prepare(run)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of pytest-xdist: tells the controller which claims there are, also those that were deselected."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["lakatos_collected"] = sorted(session.config.stash[RUN].places)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """In the controller: takes what a worker collected; one that crashed left nothing."""
    run = node.config.stash[RUN]
    run.collected.update(getattr(node, "workeroutput", {}).get("lakatos_collected", ()))


def _prepare(run: Run) -> None:
    if run.selected and run.gate_error:
        # A run without claims has no business with the configured baseline.
        run.directory = None
        raise pytest.UsageError(run.gate_error)
    if run.directory is None or not run.selected:
        return
    from lakatos.reports.directory import ReportError

    try:
        run.directory.check()
        run.directory.start()
    except ReportError as error:
        run.directory = None
        raise pytest.UsageError(f"{error} Nothing was run.") from None
