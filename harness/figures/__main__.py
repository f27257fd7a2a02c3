"""`python -m harness.figures`: measure the catalogue's figures again and write them as JSON.

A claim is settled by a trial with a margin, and its estimate is often a probability where the
catalogue has an effect in its own unit. Here that effect is measured at the catalogue's setting,
with an interval, so that the two stand side by side in docs/chapter.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.figures.figure import LEVEL, MEASUREMENTS, Figure, Measurement
from harness.trial.streams import block_stream

TOPICS = (
    "selection",
    "capacity",
    "polynomials",
    "weight_decay",
    "weight_decay_experiment",
    "dropout",
    "stability",
    "initialization",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every row, or those named, and write the file."""
    parser = argparse.ArgumentParser(prog="python -m harness.figures", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("docs/figures.json"))
    parser.add_argument("--salt", default="figures", help="text that the random streams come from")
    parser.add_argument("--only", action="append", metavar="ROW", help="only this catalogue row")
    options = parser.parse_args(arguments)
    rows: list[dict[str, Any]] = []
    for measurement in measurements():
        if options.only and measurement.row not in options.only:
            continue
        started = time.perf_counter()
        rows += measured(measurement, options.salt)
        seconds = time.perf_counter() - started
        print(f"{measurement.row}: {seconds:.1f} s", file=sys.stderr)
    page = {"salt": options.salt, "level": LEVEL, "figures": rows}
    options.output.write_text(json.dumps(page, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(options.output)
    return 0


def measurements() -> list[Measurement]:
    """All measurements, in the order of the catalogue's parts."""
    for topic in TOPICS:
        importlib.import_module(f"harness.figures.{topic}")
    return MEASUREMENTS


def measured(measurement: Measurement, salt: str) -> list[dict[str, Any]]:
    """The row's figures, the catalogue's beside the new estimate and its interval."""
    stream = block_stream(salt, measurement.row, "figures", "cpu", 0)
    samples = measurement.measure(stream)
    pairs = zip(measurement.figures, samples, strict=True)
    return [_line(measurement.row, figure, sample) for figure, sample in pairs]


def _line(row: str, figure: Figure, sample: Any) -> dict[str, Any]:
    estimate, interval = figure.estimator(sample)
    return {
        "row": row,
        "name": {"en": figure.en, "zh": figure.zh},
        "printed": figure.printed,
        "estimate": _number(estimate),
        "interval": [_number(end) for end in interval],
        "replicates": len(sample) if hasattr(sample, "__len__") else 1,
        "agrees": figure.agrees(estimate, interval),
    }


def _number(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


if __name__ == "__main__":
    sys.exit(main())
