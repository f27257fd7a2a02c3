"""One process's timings: pytest-benchmark's JSON as ln(median seconds) per row, by machine."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.records import RecordsError
from reports.text import clean

LARGEST = 256 * 2**20  # bytes
YARDSTICK = "test_yardstick["
CPU = "cpu"

Rows = dict[str, list[float]]


class TimingsError(RecordsError):
    """Timings cannot be read or compared; the message is one sentence with the next step."""


@dataclass(frozen=True)
class Process:
    """ln(median seconds) of each row of one process, and what each row's timing depends on."""

    logs: Mapping[str, float]
    machines: Mapping[str, str]


def read_process(path: Path) -> Process:
    """The timings in a file of pytest-benchmark. Raises TimingsError."""
    try:
        if path.stat().st_size > LARGEST:
            raise TimingsError(f"{path} is larger than {LARGEST >> 20} MiB; name a smaller file")
        document = json.loads(path.read_bytes())
        about = document["machine_info"]
        logs: dict[str, float] = {}
        machines: dict[str, str] = {}
        for entry in document["benchmarks"]:
            name = clean(str(entry["fullname"]), 300)
            logs[name] = _log(entry["stats"]["median"])
            machines[name] = _machine(entry, about)
    except OSError as error:
        raise TimingsError(
            f"{path} cannot be read ({error.strerror}); run the benchmarks with "
            "--benchmark-json first"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = clean(f"{type(error).__name__}: {error}", 120)
        raise TimingsError(
            f"{path} is not pytest-benchmark's JSON ({why}); run the benchmarks again"
        ) from error
    return Process(logs, machines)


def together(processes: Iterable[Process]) -> Rows:
    """The logs of each row over the processes that have it."""
    rows: Rows = {}
    for process in processes:
        for name, value in process.logs.items():
            rows.setdefault(name, []).append(value)
    return rows


def relative(processes: Iterable[Process]) -> dict[str, Rows]:
    """By machine: ln of each row's median over the geometric mean of the process's yardsticks.

    Raises TimingsError if a process has none: a number of seconds is no property of the code.
    """
    found: dict[str, Rows] = {}
    for process in processes:
        sticks = [value for name, value in process.logs.items() if YARDSTICK in name]
        if not sticks:
            raise TimingsError(
                "the benchmarks hold no yardsticks, without which two runs cannot be compared; "
                "time benchmarks as a whole, or use `python -m reports compare-timings`"
            )
        unit = sum(sticks) / len(sticks)
        for name, value in process.logs.items():
            if YARDSTICK not in name:
                rows = found.setdefault(process.machines[name], {})
                rows.setdefault(name, []).append(value - unit)
    return found


def _log(median: Any) -> float:
    if not (isinstance(median, int | float) and 0 < median < math.inf):
        raise ValueError(f"median={median!r} is no duration")
    return math.log(median)


def _machine(entry: Mapping[str, Any], about: Mapping[str, Any]) -> str:
    """What a row's timing depends on besides the code: the device, its libraries, threads."""
    device = (entry.get("params") or {}).get("device", CPU)
    shown = (entry.get("extra_info") or {}).get("device") or about["cpu"].get("brand_raw", CPU)
    facts = [str(shown), f"python {about['python_version']}"]
    facts += [f"{name} {about[name]}" for name in ("torch", "numpy") if about.get(name)]
    if device == CPU:
        facts += [f"{about.get('torch_threads', '?')} threads", str(entry["options"]["timer"])]
    elif about.get("cuda"):
        facts.append(f"CUDA {about['cuda']}")
    return clean(", ".join(facts), 300)
