"""What `studies.gate.study` resamples and what it costs: real processes, timed and written down."""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.statistics.comparison.confirmation import paces
from harness.statistics.comparison.slowdown import Margins, Pace
from reports.atomic import write_whole
from reports.timing.fork_server import FOLDER
from reports.timing.interleaved import Plan, interleaved_timer
from reports.timing.rounds import BUDGET, SCREEN, rounds

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "reports" / "gate" / "data" / "recorded_processes.json"
STARTS, CHILDREN = 4, 12  # of a session: a start serves 6 processes a side
CHOSEN = (
    "not cuda and not 1024 and not 4096 and not 784 and not chapter and not 256-cpu "
    "and not test_deep_chain and not (test_initialization and not normal)"
)  # every kind of row that takes milliseconds; large ones only take longer


def record(given: argparse.Namespace) -> None:
    """Add sessions and measured costs of this work tree to the data file, one at a time."""
    content = json.loads(DATA.read_text(encoding="utf-8"))
    for _ in range(given.record):
        content["sessions"].append({"use": given.use, **_session()})
        write_whole(DATA, _as_text(content))
    for _ in range(given.costs):
        content["costs"].append(_costs(given.rows, given.defaults))
        write_whole(DATA, _as_text(content))


def _session() -> dict[str, Any]:
    rows: dict[str, list[Any]] = {}

    def keep(row: str, logs: list[list[list[float]]]) -> bool:
        name = row.removeprefix("benchmarks/")
        rows.setdefault(name, []).append([[round(v, 4) for v in start[0]] for start in logs])
        return False

    load, chosen = os.getloadavg()[0], [FOLDER, "-k", CHOSEN]
    with interleaved_timer() as measure:
        measure([ROOT], chosen, Plan(range(STARTS), CHILDREN, SCREEN.stages), keep)
    return {"load": _loads(load), "rows": rows}


def _loads(before: float) -> list[float]:
    return [round(before, 1), round(os.getloadavg()[0], 1)]


def _costs(chosen: str, defaults: bool) -> dict[str, Any]:
    """A plain run, one with pytest-benchmark's own defaults, and a comparison of neutral trees."""
    load = os.getloadavg()[0]
    plain = _timed(lambda: _plain(chosen, "0.3"))
    usual = _timed(lambda: _plain(chosen, "1")) if defaults else {}
    folder = Path(tempfile.mkdtemp())
    try:
        base, head = _copy(folder / "base"), _copy(folder / "the-head-that-moved")
        for module in (head / "harness").rglob("*.py"):
            unused = "".join(f"\n\ndef _unused_{i}(x):\n    return x + {i}\n" for i in range(8))
            module.write_text(module.read_text(encoding="utf-8") + unused, encoding="utf-8")
        told: list[Any] = []
        gate = _timed(
            lambda: told.append(rounds(base, head, chosen, Margins(), BUDGET, lambda _: None))
        )
    finally:
        shutil.rmtree(folder)
    found = list(paces(told[0].rows, Margins()).values())
    return {
        **{f"plain {key}": value for key, value in plain.items()},
        **{f"default {key}": value for key, value in usual.items()},
        **{f"gate {key}": value for key, value in gate.items()},
        "load": _loads(load),
        "trees": "neutral",
        "rows": len(found),
        "red": sum(pace is Pace.REGRESSION for pace in found),
        "undecided": sum(pace is Pace.UNDECIDED for pace in found),
    }


def _plain(chosen: str, seconds: str) -> None:
    words = [sys.executable, "-m", "pytest", FOLDER, "-k", chosen, "--benchmark-only", "-q"]
    words += ["--benchmark-disable-gc", "-p", "no:randomly", "-p", "no:xdist", "-W", "default"]
    words += ["--benchmark-timer=time.process_time"]  # else other work would make its rounds fewer
    environment = {**os.environ, "CLAIMS_BENCHMARK_SECONDS": seconds, "OMP_NUM_THREADS": "1"}
    subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True)


def _copy(folder: Path) -> Path:
    """What the benchmarks need of the work tree."""
    folder.mkdir()
    for name in ("benchmarks", "claims", "harness", "reports"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def _timed(what: Callable[[], object]) -> dict[str, float]:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    own = time.process_time()
    what()
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": round(wall, 1), "cpu": round(cpu + time.process_time() - own, 1)}


def _as_text(content: Mapping[str, Any]) -> str:
    """A line a row of a session."""
    text = json.dumps(content, separators=(",", ":"))
    return text.replace('},{"use"', '},\n{"use"').replace(']]],"test', ']]],\n"test') + "\n"
