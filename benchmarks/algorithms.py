"""Speed of the algorithms, peers beside us, in one run.

``python -m benchmarks.algorithms`` writes reports/benchmarks/<device>.json and .md. What is run stands in
benchmarks/contenders.py; the peers are optional (``pip install lakatos[bench]``) and shown as absent where they are not installed.

Every contender runs in a process of its own, on one thread of one core where the machine allows it, with a limit on its time, and
the contenders of a row take turns, so that a busy moment of the machine does not fall on one of them alone. Its time is the
shortest of its runs, after one that compiles and warms up. What counts are the ratios: all numbers of a row come from one run
on one machine. Where the results of two contenders differ, nothing is written.

Where OpenBLAS does not know a processor it takes the kernels of an older one, which moves every ratio that rests on numpy's
products: the page names them, and ``--kernels`` sets others for all contenders.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

REPORTS = Path(__file__).resolve().parent.parent / "reports" / "benchmarks"
SINGLE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}
AGREEMENT = 1e-8
# A contender this many times slower than the fastest has no second round.
HOPELESS = 5.0
PEERS = ("numpy", "jax", "torch.func", "higher", "torchopt", "Hypothesis")


def contend(row: str, name: str, device: str, seconds: float) -> dict[str, Any]:
    """What one process measures: the shortest time of a contender, the time of its first run, its fingerprint."""
    import warnings

    warnings.simplefilter("ignore")
    import torch

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    from benchmarks.contenders import ROWS

    begun = time.perf_counter()
    try:
        work = ROWS[row].contenders[name](device)
    except ImportError as error:
        return {"absent": str(error)}
    fingerprint, first = work(), time.perf_counter() - begun
    times: list[float] = []
    began = time.perf_counter()
    while not times or (time.perf_counter() - began < seconds and len(times) < 100_000):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) / getattr(work, "units", 1))
    return {"seconds": min(times), "first": first, "runs": len(times), "fingerprint": fingerprint}


def bounds(row: str) -> dict[str, float]:
    """What the hardware allows, in one process as well."""
    import torch

    torch.set_num_threads(1)
    from benchmarks.contenders import ROWS

    return {name: seconds() for name, seconds in ROWS[row].bounds.items()}


def in_a_process(arguments: list[str], options: argparse.Namespace) -> dict[str, Any]:
    """The answer of ``python -m benchmarks.algorithms`` with these arguments, or why there is none."""
    command = [sys.executable, "-m", "benchmarks.algorithms", *arguments]
    environment = {**os.environ, **SINGLE_THREAD, **kernels(options.kernels)}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=options.limit, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return {"absent": f"not done after {options.limit:g} s"}
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return {"absent": (done.stderr.strip().splitlines() or ["died without a word"])[-1][:200]}
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


def measure(row: str, names: list[str], options: argparse.Namespace) -> dict[str, Any]:
    """Every contender of a row in turn, in ``options.rounds`` rounds; the shortest time of each."""
    best: dict[str, dict[str, Any]] = {}
    for _ in range(options.rounds):
        for name in names:
            before = best.get(name, {})
            if "absent" in before or hopeless(before, best):
                continue
            request = ["--row", row, "--contender", name, "--device", options.device, "--seconds", str(options.seconds)]
            found = in_a_process(request, options)
            if "seconds" not in before or found.get("seconds", math.inf) < before["seconds"]:
                best[name] = found
    allowed = in_a_process(["--row", row, "--bounds"], options) if options.device == "cpu" else {}
    return {"contenders": best, "bounds": {} if "absent" in allowed else allowed}


def hopeless(found: dict[str, Any], best: dict[str, dict[str, Any]]) -> bool:
    """Whether a contender was so slow that another round could not tell anything new."""
    fastest = min((other["seconds"] for other in best.values() if "seconds" in other), default=math.inf)
    return found.get("seconds", 0.0) > HOPELESS * fastest


def disagreement(contenders: dict[str, dict[str, Any]]) -> str | None:
    """The first contender whose fingerprint is not that of the first one, in words."""
    present = {name: found["fingerprint"] for name, found in contenders.items() if found.get("fingerprint")}
    for name, values in present.items():
        first, expected = next(iter(present.items()))
        if not all(math.isclose(a, b, rel_tol=AGREEMENT) for a, b in zip(values, expected, strict=True)):
            return f"{name} computed {values}, {first} {expected}"
    return None


def kernels(name: str) -> dict[str, str]:
    """What makes OpenBLAS, which multiplies for numpy, take the kernels of this name; nothing for its own choice."""
    return {"OPENBLAS_CORETYPE": name} if name else {}


def machine(chosen: str = "") -> str:
    """The machine in a few words, and the kernels that OpenBLAS takes on it, of its own choice or as ``chosen``."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = named[0] if named else model
    words = f"{model}, {os.cpu_count()} cores, one of them used; Python {platform.python_version()}"
    environment = {**os.environ, **kernels(chosen), "OPENBLAS_VERBOSE": "2"}
    told = subprocess.run([sys.executable, "-c", "import numpy"], capture_output=True, text=True, env=environment, check=False)
    cores = [line.split(":", 1)[1].strip() for line in told.stderr.splitlines() if line.startswith("Core:")]
    return f"{words}; OpenBLAS with kernels for {cores[0]}" if cores else words


def versions() -> dict[str, str]:
    """Versions of the libraries that are installed."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("torch", "numpy", "jax", "higher", "torchopt", "hypothesis"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def table(result: dict[str, Any]) -> str:
    """The result as a page."""
    lines = [
        f"# Speed of the algorithms on {result['device']}",
        "",
        f"Made by `{result['command']}`; how is said in benchmarks/algorithms.py. {result['machine']}; "
        f"{', '.join(f'{name} {version}' for name, version in result['versions'].items())}. Shortest of the runs of each; float64.",
        "The factor says how many times as long as `lakatos` a contender took in this run.",
    ]
    for row in result["rows"].values():
        lines += ["", f"## {row['title']}", "", "| | time | factor | first run, with compilation |", "|---|---:|---:|---:|"]
        ours = row["contenders"]["lakatos"].get("seconds")
        for name, found in row["contenders"].items():
            if "absent" in found:
                lines.append(f"| {name} | absent | | {found['absent']} |")
                continue
            factor = f"{found['seconds'] / ours:.2f}" if ours else ""
            lines.append(f"| {name} | {_time(found['seconds'])} | {factor} | {_time(found['first'])} |")
        for name, seconds in row["bounds"].items():
            lines.append(f"| *bound: {name}* | {_time(seconds)} | {seconds / ours:.2f} | |" if ours else f"| {name} | | | |")
        peers = {n: f["seconds"] for n, f in row["contenders"].items() if n in PEERS and "seconds" in f}
        if peers and ours:
            best = min(peers, key=lambda name: peers[name])
            lines += ["", f"Against the best peer, {best}: {peers[best] / ours:.2f} times as fast."]
    return "\n".join(lines) + "\n"


def _time(seconds: float) -> str:
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def main() -> None:
    """Measure, and write the page and its data; or answer for one contender."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--seconds", type=float, default=2.0, help="for the runs of a contender in a round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--limit", type=float, default=90.0, help="seconds after which a contender is stopped")
    parser.add_argument(
        "--kernels",
        default="",
        help="kernels for OpenBLAS in all processes, by its names, such as SkylakeX where it takes a processor with AVX-512 for "
        "Haswell; the files are then <device>-<kernels>",
    )
    parser.add_argument("--only", default="", help="rows whose name contains this text; nothing is written")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    parser.add_argument("--bounds", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        answer = (
            bounds(options.row) if options.bounds else contend(options.row, options.contender, options.device, options.seconds)
        )
        print(json.dumps(answer))
        return
    if options.kernels and not machine(options.kernels).endswith(f"kernels for {options.kernels}"):
        parser.error(f"OpenBLAS has no kernels {options.kernels!r} that run on this processor")
    from benchmarks.contenders import ROWS

    rows = {}
    for key, row in ROWS.items():
        if options.only in key:
            rows[key] = {"title": row.title, **measure(key, list(row.contenders), options)}
            wrong = disagreement(rows[key]["contenders"])
            if wrong:
                raise SystemExit(f"{row.title}: {wrong}")
            print(
                key,
                {name: found.get("seconds") or found["absent"] for name, found in rows[key]["contenders"].items()},
                flush=True,
            )
    command = (
        f"python -m benchmarks.algorithms --device {options.device} --seconds {options.seconds:g} --rounds {options.rounds}"
    ) + (f" --kernels {options.kernels}" if options.kernels else "")
    shared = {"device": options.device, "command": command, "machine": machine(options.kernels), "versions": versions()}
    result = {**shared, "rows": rows}
    if options.only:
        print(table(result))
        return
    REPORTS.mkdir(parents=True, exist_ok=True)
    name = f"{options.device}-{options.kernels}" if options.kernels else options.device
    (REPORTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (REPORTS / f"{name}.md").write_text(table(result), encoding="utf-8")


if __name__ == "__main__":
    main()
