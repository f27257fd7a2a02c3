"""pytest-benchmark's JSON: one file is what one process timed."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec

from reports.cleaning import clean
from reports.records import RecordsError

LARGEST = 256 * 2**20  # bytes; the raw rounds of a full run have some 10 MB
YARDSTICK = "test_yardstick["
CPU = "cpu"

Rows = dict[str, list[float]]


class TimingsError(RecordsError):
    """Timings cannot be read or compared; the message is one sentence with the next step."""


@dataclass(frozen=True)
class Stats:
    """Seconds of a call: the median of the rounds, and their interquartile range."""

    median: Annotated[float, msgspec.Meta(gt=0)]
    iqr: float = 0.0
    rounds: int = 1


@dataclass(frozen=True)
class Entry:
    """One row of one process."""

    stats: Stats
    name: str = ""
    fullname: str = ""
    params: dict[str, Any] | None = None
    extra_info: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def device(self) -> str:
        """The device that the row ran on."""
        return str((self.params or {}).get("device", CPU))


@dataclass(frozen=True)
class Document:
    """A file: its rows, and the machine that it was made on."""

    benchmarks: list[Entry]
    machine_info: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Process:
    """ln(median seconds) of each row of one process, and what each row's timing depends on."""

    logs: Mapping[str, float]
    machines: Mapping[str, str]


def read_document(path: Path) -> Document:
    """What a file holds. Raises OSError, and ValueError or RecursionError for any other file."""
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
    return msgspec.json.decode(path.read_bytes(), type=Document)


def read_process(path: Path) -> Process:
    """The timings in a file. Raises TimingsError."""
    try:
        document = read_document(path)
        entries = {clean(entry.fullname, 300): entry for entry in document.benchmarks}
        about = document.machine_info
        return Process(
            {name: math.log(entry.stats.median) for name, entry in entries.items()},
            {name: _machine(entry, about) for name, entry in entries.items()},
        )
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


def _machine(entry: Entry, about: Mapping[str, Any]) -> str:
    """What a row's timing depends on besides the code: the device, its libraries, threads."""
    shown = entry.extra_info.get("device") or about["cpu"].get("brand_raw", CPU)
    facts = [str(shown), f"python {about['python_version']}"]
    facts += [f"{name} {about[name]}" for name in ("torch", "numpy") if about.get(name)]
    if entry.device == CPU:
        facts += [f"{about.get('torch_threads', '?')} threads", str(entry.options["timer"])]
    elif about.get("cuda"):
        facts.append(f"CUDA {about['cuda']}")
    return clean(", ".join(facts), 300)
