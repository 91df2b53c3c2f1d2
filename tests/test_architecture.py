"""The house stands as it was drawn: imports point down, files stay small, and nothing is called or kept as it must not be."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = PROJECT["tool"]["importlinter"]["root_packages"]
BESIDE_THE_HOUSE = {"benchmarks", "docs", "sample_data", "tests"}  # may import what they need
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
MOST_LINES = 400


def python_files() -> Iterator[Path]:
    for folder in sorted({*ROOMS, *BESIDE_THE_HOUSE}):
        yield from sorted((ROOT / folder).rglob("*.py"))


def names(paths: Iterator[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def imported(path: Path) -> set[str]:
    """Top-level packages that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_imports_point_down_and_heavy_libraries_stay_in_their_room() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout


def test_every_package_is_in_the_drawing() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - BESIDE_THE_HOUSE == set(ROOMS)


def test_every_package_is_typed_and_installed() -> None:
    assert set(ROOMS) <= set(PROJECT["tool"]["mypy"]["packages"])
    assert {f"{room}*" for room in ROOMS} <= set(PROJECT["tool"]["setuptools"]["packages"]["find"]["include"])


def test_files_stay_small() -> None:
    long = (path for path in python_files() if len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES)
    assert names(path for path in long if "migrations" not in path.parts) == []


def test_no_file_is_named_for_nothing() -> None:
    assert names(path for path in python_files() if path.stem in FORBIDDEN_NAMES) == []


def test_every_file_says_what_it_is() -> None:
    written = (path for path in python_files() if path.stat().st_size)
    assert names(path for path in written if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_nothing_is_pickled() -> None:
    pickling = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
    assert names(path for path in python_files() if imported(path) & pickling) == []
