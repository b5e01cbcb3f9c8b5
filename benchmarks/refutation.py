"""Time to refutation: the hunt against plain Hypothesis on the same false claims, in one run.

``python -m benchmarks.refutation`` writes reports/benchmarks/refutation.json and .md. The claims are the false pointwise ones
of tests/quality/planted, and Lemma 4.8 with 1.2 L in place of 4 L in ten dimensions for five tasks.

The peer is what one would write without this package: a Hypothesis test that draws one instance per example (integers, and
floats over the same domains) and compares both sides in numpy, in runs of 1,000 examples with fresh seeds until the time is
over; once as it is, once with ``hypothesis.target`` on the distance from the edge. Both sides must disagree by more than a
relative 1e-12, and what is found counts once exact arithmetic confirms it, as for the hunt. Where a claim's text does not run
on numpy arrays of floats, the peer has tensors of one row.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import HealthCheck, Phase, given, settings, target
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from sympy import Min, Rational

from exactarray import namespace
from impl.smooth_tasks import PROFILES, RidgeTasks
from lakatos import ClaimError, hunt, instances
from lakatos.claims import Claim
from lakatos.domains import Domain, Interval, Positive, Shape, Sign
from lakatos.evaluation import sides
from lakatos.families import Choices, call_by_name
from lakatos.formula import Formula
from lakatos.hunting.certify import judge, parse
from lakatos.kinds import Pointwise
from tests.quality.planted import FALSE
from theorems.fallah2020 import lemma_4_8
from theorems.fallah2020.pairs import between

REPORTS = Path(__file__).resolve().parent.parent / "reports" / "benchmarks"
MACHINE = "two cores, x86-64, float64"
EXAMPLES = 1000
TOLERANCE = 1e-12
LARGEST = 1e3


@instances()
def ten_dimensions(draw: Any) -> dict[str, Any]:
    """Pairs of points for five ridge tasks in ten dimensions."""
    axes = [draw.orthogonal(f"axes_{i}", 10) for i in range(5)]
    rows = {name: draw.real(name, 5, 10) for name in ("slope", "curvature", "amplitude", "frequency", "phase")}
    axes_of_tasks = namespace(axes[0]).stack(axes, axis=1)
    tasks = RidgeTasks(weights=draw.simplex("p", 5), axes=axes_of_tasks, profile=draw.option("profile", list(PROFILES)), **rows)
    u = draw.real("u", 10)
    return between(tasks, u, u + draw.real("step", 10), draw.interval("alpha_L", 0, 1))


def smoothness(factor: Any) -> Any:
    """The bound of Lemma 4.8 with another factor of L than 4."""
    gradients = 2 * lemma_4_8.rho * lemma_4_8.alpha
    return Min(*(factor * lemma_4_8.L + gradients * G for G in (lemma_4_8.G_w, lemma_4_8.G_u))) * lemma_4_8.distance


IN_TEN_DIMENSIONS = "Lemma 4.8 with 1.2 L, d = 10, five tasks"
CLAIMS: dict[str, Claim] = {name: claim for name, claim in FALSE.items() if isinstance(claim.kind, Pointwise)} | {
    IN_TEN_DIMENSIONS: lemma_4_8.gradient_is_lipschitz.but(right=smoothness(Rational(12, 10)), on=ten_dimensions)
}


class OneInstance:
    """The source of a peer: every number by a Hypothesis strategy, one instance at a time."""

    batch = 1

    def __init__(self, data: st.DataObject, tensors: bool) -> None:
        self.values: dict[str, Any] = {}
        self._data, self._tensors = data, tensors

    def structure(self, name: str, choices: Choices) -> Any:
        """One of the choices."""
        self.values[name] = self._data.draw(st.sampled_from(choices.values), label=name)
        return self.values[name]

    def primitive(self, name: str, shape: Shape, domain: Domain) -> Any:
        """Floats from the domain ``(1, *shape)``."""
        size = math.prod(shape)
        drawn = self._data.draw(st.lists(_floats(domain), min_size=size, max_size=size), label=name)
        values = np.array(drawn, dtype=np.float64).reshape(shape)
        self.values[name] = values.tolist()
        return self._array(values[None])

    def constant(self, values: Any) -> Any:
        """Plain numbers."""
        return self._array(np.asarray(values, dtype=np.float64))

    def _array(self, values: np.ndarray) -> Any:
        return torch.from_numpy(values.copy()) if self._tensors else values


def _floats(domain: Domain) -> st.SearchStrategy[float]:
    if isinstance(domain, Sign):
        return st.sampled_from([1.0, -1.0])
    if isinstance(domain, Interval):
        left, right = domain.closed in ("both", "left"), domain.closed in ("both", "right")
        return st.floats(float(domain.low), float(domain.high), exclude_min=not left, exclude_max=not right)
    if isinstance(domain, Positive):
        return st.floats(0, LARGEST, exclude_min=not domain.zero)
    return st.floats(-LARGEST, LARGEST)


def compared(claim: Claim, source: OneInstance) -> tuple[float, bool]:
    """How far beyond its edge an instance lies, relative to its sides, and whether it satisfies the assumptions."""
    values, _ = claim.on.build(source)
    measured = call_by_name(claim.function, values, "the measured side")
    if isinstance(measured, torch.Tensor):
        left, right = sides(claim, values, measured, 1, exact=False)
    else:
        numbers = {name: value for name, value in values.items() if not isinstance(value, np.ndarray)}
        tensors = {name: torch.from_numpy(np.asarray(v)) for name, v in values.items() if isinstance(v, np.ndarray)}
        second = claim.right
        printed = (
            second.evaluate({**numbers, **tensors}, False) if isinstance(second, Formula) else call_by_name(second, values, "")
        )
        left, right = torch.from_numpy(np.asarray(measured)).reshape(-1), torch.as_tensor(np.asarray(printed)).reshape(-1)
    assert isinstance(claim.kind, Pointwise)
    excess = claim.kind.excess(left, right)
    size = torch.maximum(left.abs(), right.abs()).clamp(min=1e-300)
    valid = claim.on.valid({n: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for n, v in values.items()}, False)
    return float((excess / size).max()), bool(torch.as_tensor(valid).all())


def runs_on_numpy(claim: Claim) -> bool:
    """Whether the claim's text takes numpy arrays of floats."""
    worked: list[bool] = []

    @settings(max_examples=3, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.data())
    def attempt(data: st.DataObject) -> None:
        with np.errstate(all="ignore"):
            try:
                compared(claim, OneInstance(data, tensors=False))
            except ZeroDivisionError:
                return
            except (TypeError, AttributeError, RuntimeError, NotImplementedError, ValueError):
                worked.append(False)
            else:
                worked.append(True)

    attempt()
    return bool(worked) and all(worked)


def peer(claim: Claim, seed: int, limit: float, targeted: bool) -> float | None:
    """Seconds until plain Hypothesis has refuted the claim, or None."""
    tensors = not runs_on_numpy(claim)
    started = time.perf_counter()
    found: list[float] = []

    def over() -> bool:
        return bool(found) or time.perf_counter() - started > limit

    def example(data: st.DataObject) -> None:
        if over():
            return
        source = OneInstance(data, tensors)
        with np.errstate(all="ignore"), torch.no_grad():
            try:
                beyond, valid = compared(claim, source)
            except (ZeroDivisionError, ArithmeticError, np.linalg.LinAlgError, torch.linalg.LinAlgError, ClaimError):
                return
        if not valid or math.isnan(beyond):
            return
        if targeted and math.isfinite(beyond):
            target(beyond)
        assert isinstance(claim.kind, Pointwise)
        if (beyond >= 0 if claim.kind.strict else beyond > TOLERANCE) and confirmed(claim, source.values):
            found.append(time.perf_counter() - started)

    run = 0
    while not over():
        phases = [Phase.generate, Phase.target] if targeted else [Phase.generate]
        options: Mapping[str, Any] = {"max_examples": EXAMPLES, "database": None, "deadline": None, "phases": phases}
        test = settings(**options, suppress_health_check=list(HealthCheck))(given(st.data())(example))
        try:
            hypothesis_seed(10_000 * seed + run)(test)()
        except Flaky:
            assert over()  # an example after the end draws nothing, which Hypothesis notices
        run += 1
    return found[0] if found and found[0] <= limit else None


def confirmed(claim: Claim, values: Mapping[str, Any]) -> bool:
    """Whether exact arithmetic says the same."""
    return judge(claim, *parse(claim, values)).violated is True


def ours(claim: Claim, seed: int, limit: float) -> float | None:
    """Seconds until the hunt has its first certified refutation, or None."""
    started = time.perf_counter()
    verdict = hunt(claim, profile="quick", seed=seed, first=True)
    seconds = time.perf_counter() - started
    return seconds if verdict.outcome == "refuted" and seconds <= limit else None


def times_of(name: str, seeds: int, limit: float) -> dict[str, list[float | None]]:
    """Seconds by seed for each way of searching; a search that fails for most seeds is not tried with the others."""
    torch.set_num_threads(1)
    claim = CLAIMS[name]
    ways: dict[str, Callable[[int], float | None]] = {
        "hunt": lambda seed: ours(claim, seed, 60.0),
        "Hypothesis": lambda seed: peer(claim, seed, limit, targeted=False),
        "Hypothesis with target()": lambda seed: peer(claim, seed, limit, targeted=True),
    }
    ours(CLAIMS["x^3 <= x^2"], 99, 60.0)  # imports are not part of anyone's time
    times: dict[str, list[float | None]] = {}
    for way, search in ways.items():
        times[way] = []
        for seed in range(seeds):
            hopeless = times[way].count(None) > seeds / 2
            times[way].append(None if hopeless else search(seed))
    print(name, {way: middle(t) for way, t in times.items()}, flush=True)
    return times


def measure(names: list[str], seeds: int, limit: float) -> dict[str, Any]:
    """All times, two claims at once: for each claim and way of searching, seconds by seed."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = pool.map(times_of, names, [seeds] * len(names), [limit] * len(names))
        times = dict(zip(names, found, strict=True))
    return {"machine": MACHINE, "seeds": seeds, "limit of the peers": limit, "seconds": times}


def middle(times: list[float | None]) -> float | None:
    """The median, where a search that found nothing took forever."""
    value = statistics.median(math.inf if t is None else t for t in times)
    return None if math.isinf(value) else round(value, 4)


def table(result: dict[str, Any]) -> str:
    """The result as a page."""
    times, limit = result["seconds"], result["limit of the peers"]
    ways = list(next(iter(times.values())))
    medians = {way: [middle(t[way]) for t in times.values()] for way in ways}
    lines = [
        "# Time to refutation",
        "",
        f"Made by `python -m benchmarks.refutation --limit {limit:g}`; how is said there. {len(times)} false claims, median of "
        f"{result['seeds']} seeds, in seconds; machine: {result['machine']}. The peers were stopped after {limit:g} s, "
        "the hunt (quick profile, until its first certified refutation) after 60 s. Two claims were searched at a time.",
        "",
        "| | " + " | ".join(ways) + " |",
        "|---|" + "---:|" * len(ways),
    ]
    whole = {way: middle(of) for way, of in medians.items()}
    lines.append("| median over the claims | " + " | ".join(_shown(whole[way], limit) for way in ways) + " |")
    lines.append(
        "| claims refuted | " + " | ".join(f"{sum(m is not None for m in medians[way])} of {len(times)}" for way in ways) + " |"
    )
    slowest = {way: max((m for m in medians[way] if m is not None), default=None) for way in ways}
    lines.append("| slowest of them | " + " | ".join(_shown(slowest[way], limit) for way in ways) + " |")
    lines += ["", "| claim | " + " | ".join(ways) + " |", "|---|" + "---:|" * len(ways)]
    for name, of in times.items():
        escaped = name.replace("|", "\\|")
        lines.append(f"| {escaped} | " + " | ".join(_shown(middle(of[way]), limit) for way in ways) + " |")
    return "\n".join(lines) + "\n"


def _shown(seconds: float | None, limit: float) -> str:
    return f"> {limit:g}" if seconds is None else f"{seconds:.3f}"


def main() -> None:
    """Measure, and write the page and its data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each search of a peer")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="", help="claims whose name contains this text; nothing is written")
    options = parser.parse_args()
    torch.set_num_threads(1)
    names = [name for name in CLAIMS if options.only in name]
    result = measure(names, options.seeds, options.limit)
    if options.only:
        print(table(result))
        return
    REPORTS.mkdir(parents=True, exist_ok=True)
    (REPORTS / "refutation.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (REPORTS / "refutation.md").write_text(table(result), encoding="utf-8")


if __name__ == "__main__":
    main()
