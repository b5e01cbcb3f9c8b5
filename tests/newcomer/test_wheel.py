"""A newcomer with nothing but the wheel: a theorem from outside the catalogue, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples/drori2014/theorem_3_1.py"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree and unpacked where nothing else of the repository is."""
    out = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(REPOSITORY)])
    site = out / "site"
    (wheel,) = out.glob("lakatos-*.whl")
    run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel)])
    return site


def run(command: list[str], *, cwd: Path = REPOSITORY, site: Path | None = None, expect: int = 0) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
    if site is not None:
        environment["PYTHONPATH"] = str(site)
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == expect, f"{command} exited with {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout + done.stderr


def test_the_readme_shows_the_example_as_it_is() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    shown = readme.split("```python\n")[1].split("```")[0]
    assert EXAMPLE.read_text().endswith(shown)


def test_the_wheel_brings_all_it_needs_and_nothing_of_the_catalogue(installed: Path, tmp_path: Path) -> None:
    where = run(
        [sys.executable, "-c", "import lakatos, exactarray; print(lakatos.__file__, exactarray.__file__)"],
        cwd=tmp_path,
        site=installed,
    )
    assert all(str(installed) in path for path in where.split())
    assert not (installed / "theorems").exists()
    assert not (installed / "impl").exists()
    assert (installed / "lakatos/schema/report.schema.json").exists()
    assert (installed / "lakatos/templates/inequality.py.txt").exists()


def test_a_theorem_from_elsewhere_holds_and_its_false_variant_is_refuted(installed: Path, tmp_path: Path) -> None:
    text = EXAMPLE.read_text()
    assert len(text.splitlines()) <= 40
    (tmp_path / "theorem_3_1.py").write_text(text)
    pytest_command = [sys.executable, "-m", "pytest", "--profile", "quick", "-p", "no:cacheprovider"]
    told = run([*pytest_command, "--report-dir", "out"], cwd=tmp_path, site=installed)
    assert "1 passed" in told
    (claim,) = json.loads((tmp_path / "out/report.json").read_text())["claims"]
    assert claim["outcome"] == "holds"
    assert 0.999 < claim["margin"]["worst"] <= 1

    (tmp_path / "theorem_3_1.py").write_text(text.replace("(4 * n + 2)", "(4 * n + 3)"))
    told = run([*pytest_command, "--report-dir", "out"], cwd=tmp_path, site=installed, expect=1)
    assert "refuted" in told
    (claim,) = json.loads((tmp_path / "out/report.json").read_text())["claims"]
    assert claim["outcome"] == "refuted"
    assert claim["warrant"] == "certified"
    replayed = run([*pytest_command, "--replay", "out/report.json"], cwd=tmp_path, site=installed, expect=1)
    assert "refuted" in replayed
