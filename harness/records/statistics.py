"""What training came to, one number a replicate, so that a later run can be compared with it."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from harness.declaration.exhibits import Array, Curve, Exhibit, Statistic
from harness.trial.one_setting import SHOWN_REPLICATES, Trial

MOST_VALUES = 512  # of a statistic in a record
MOST_STATISTICS = 24  # of a record


def statistics_of(trial: Trial, block: int) -> dict[str, list[float | None]]:
    """The trial's statistics by name: its `Statistic`s, and each curve's last values.

    Only what has one number per replicate counts: fewer or more would not be independent.
    A trial that goes on from an earlier run has lost its first blocks, and has no statistics.
    """
    if not trial.exhibits or len(trial.exhibits) < min(
        trial.blocks, math.ceil(SHOWN_REPLICATES / block)
    ):
        return {}
    found: dict[str, list[Array]] = {}
    for shown in trial.exhibits:
        for name, values in _named(shown):
            found.setdefault(name, []).append(values)
    return {
        name: [_number(value) for value in np.concatenate(parts)[:MOST_VALUES]]
        for name, parts in list(found.items())[:MOST_STATISTICS]
        if len(parts) == len(trial.exhibits) and all(part.shape == (block,) for part in parts)
    }


def _named(exhibits: Sequence[Exhibit]) -> Iterator[tuple[str, Array]]:
    for exhibit in exhibits:
        if isinstance(exhibit, Statistic):
            yield exhibit.name, np.asarray(exhibit.values, dtype=np.float64)
        elif isinstance(exhibit, Curve) and not exhibit.added:
            for line in exhibit.lines:
                if np.ndim(line.y) == 2 and np.shape(line.y)[1]:
                    yield f"{exhibit.title.en}: {line.name.en}, last", np.asarray(line.y)[:, -1]


def _number(value: float) -> float | None:
    """Six digits are far below the spread of replicates, and keep records small."""
    return float(f"{value:.6g}") if math.isfinite(value) else None
