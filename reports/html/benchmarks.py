"""The page's table of benchmarks: a row per benchmark and parameters, its devices side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.text import Text
from reports.benchmark_json import Document, Entry, read_document
from reports.cleaning import clean
from reports.numbers import number

MOST_ROWS = 500
UNITS = (("flop_per_second", "FLOP/s"), ("bytes_per_second", "B/s"))
PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))


@dataclass(frozen=True)
class Timing:
    """The median seconds of one call on one device, the spread of the rounds, and the rates.

    `steps` are replicates times steps a second; `limit` is the least time that the device's
    measured limits allow, over the median. Where the file does not tell, they are '' and None.
    """

    median: float
    spread: float
    rounds: int
    rates: str
    steps: str = ""
    limit: Text | None = None


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
class Benchmarks:
    """All rows, and the devices in the order of their columns: the CPU first."""

    rows: list[Row]
    devices: list[str]


def read_benchmarks(path: Path) -> Benchmarks | Text | None:
    """The benchmarks of a file; None without a file; a notice if it is not pytest-benchmark's."""
    try:
        return _benchmarks(read_document(path)) if path.exists() else None
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        why = clean(f"{type(error).__name__}: {error}", 200)
        return Text(
            f"The timings in {path.name} cannot be read ({why}).",
            f"{path.name} 中的计时无法读取（{why}）。",
        )


def _benchmarks(document: Document) -> Benchmarks:
    rows: dict[tuple[str, str], dict[str, Timing]] = {}
    for entry in document.benchmarks:
        others = {key: value for key, value in (entry.params or {}).items() if key != "device"}
        name = entry.name.partition("[")[0].removeprefix("test_").replace("_", " ")
        setting = ", ".join(f"{key} = {value}" for key, value in others.items())
        rows.setdefault((clean(name), clean(setting)), {})[clean(entry.device)] = _timing(entry)
    devices = sorted({device for timings in rows.values() for device in timings})
    devices.sort(key=lambda device: device != "cpu")
    listed = [Row(name, setting, timings) for (name, setting), timings in rows.items()]
    return Benchmarks(listed[:MOST_ROWS], devices)


def _timing(entry: Entry) -> Timing:
    stats, work = entry.stats, entry.extra_info
    steps, limit = (work.get(key) for key in ("replica_steps_per_second", "fraction_of_limit"))
    return Timing(
        stats.median,
        stats.iqr,
        stats.rounds,
        ", ".join(_rate(float(work[key]), unit) for key, unit in UNITS if work.get(key)),
        _rate(float(steps), "") if steps else "",
        _percent(float(limit)) if limit else None,
    )


def _percent(share: float) -> Text:
    shown = number(100 * share, 2)
    return Text(f"{shown} %", f"{shown}%")


def _rate(value: float, unit: str) -> str:
    size, prefix = next(((s, p) for s, p in PREFIXES if value >= s), PREFIXES[-1])
    return f"{number(value / size, 3)} {prefix}{unit}".rstrip()
