"""Reads pytest-benchmark's JSON: one row per benchmark and parameters, its devices side by side."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.numbers import number
from reports.records import Notice
from reports.text import clean_all

LARGEST = 256 * 2**20  # bytes; the raw rounds of a full run have some 10 MB
MOST_ROWS = 500
UNITS = (("flop_per_second", "FLOP/s"), ("bytes_per_second", "B/s"))
PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))


@dataclass(frozen=True)
class Timing:
    """The median seconds of one call on one device, the spread of the rounds, and the rates.

    `steps` are replicates times steps a second; `limit` is the least time that the device's
    measured limits allow, over the median. Both are '' where the file does not tell.
    """

    median: float
    spread: float
    rounds: int
    rates: str
    steps: str = ""
    limit: str = ""


@dataclass(frozen=True)
class Row:
    """A benchmark with its parameters but the device, and its timing per device."""

    name: str
    setting: str
    timings: Mapping[str, Timing]

    def ratio(self, devices: list[str]) -> str:
        """How many times faster the fastest other device is than the first, as '12×'."""
        first = self.timings.get(devices[0])
        others = [self.timings[name].median for name in devices[1:] if name in self.timings]
        return f"{number(first.median / min(others), 3)}×" if first and others else "–"


@dataclass(frozen=True)
class Timings:
    """All rows, and the devices in the order of their columns: the CPU first."""

    rows: list[Row]
    devices: list[str]


def read_timings(path: Path) -> Timings | Notice | None:
    """The timings of a file; None without a file; a notice if it is not pytest-benchmark's."""
    try:
        if not path.exists():
            return None
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
        return _timings(clean_all(json.loads(path.read_bytes())))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = str(clean_all(f"{type(error).__name__}: {error}", 200))
        return Notice(
            f"The timings in {path.name} cannot be read ({why}).",
            f"{path.name} 中的计时无法读取（{why}）。",
        )


def _timings(document: Mapping[str, Any]) -> Timings:
    rows: dict[tuple[str, str], dict[str, Timing]] = {}
    for entry in document["benchmarks"]:
        parameters = dict(entry.get("params") or {})
        device = str(parameters.pop("device", "cpu"))
        name = entry["name"].partition("[")[0].removeprefix("test_").replace("_", " ")
        setting = ", ".join(f"{key} = {value}" for key, value in parameters.items())
        rows.setdefault((name, setting), {})[device] = _timing(entry)
    devices = sorted({device for timings in rows.values() for device in timings})
    devices.sort(key=lambda device: device != "cpu")
    listed = [Row(name, setting, timings) for (name, setting), timings in rows.items()]
    return Timings(listed[:MOST_ROWS], devices)


def _timing(entry: Mapping[str, Any]) -> Timing:
    stats, work = entry["stats"], entry.get("extra_info") or {}
    median, spread = float(stats["median"]), float(stats["iqr"])
    if not (math.isfinite(median) and median > 0 and math.isfinite(spread)):
        raise ValueError(f"median={median!r} is no duration")
    rates = [_rate(float(work[key]), unit) for key, unit in UNITS if work.get(key)]
    steps, limit = (work.get(key) for key in ("replica_steps_per_second", "fraction_of_limit"))
    return Timing(
        median,
        spread,
        int(stats["rounds"]),
        ", ".join(rates),
        _rate(float(steps), "") if steps else "",
        f"{number(100 * float(limit), 2)} %" if limit else "",
    )


def _rate(value: float, unit: str) -> str:
    size, prefix = next(((s, p) for s, p in PREFIXES if value >= s), PREFIXES[-1])
    return f"{number(value / size, 3)} {prefix}{unit}".rstrip()
