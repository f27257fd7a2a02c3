"""A trial's exhibits as the report draws them: a few hundred numbers, whatever was measured."""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from harness.declaration.exhibits import Curve, Grid, Histogram, Outcomes
from harness.records.record import Cells, Counts, Curves, Mark, Series
from harness.text import Text
from harness.trial.one_setting import Trial

GRID = 64  # rows and columns of a grid of cells
COLUMNS = 16  # of the outcomes of replicates
BINS = 60  # of a histogram
POINTS = 512  # of a curve; more cannot be seen
EVERY = Text("Every replicate", "每次重复试验")
HAPPENED, NOT = Text("it happened", "发生"), Text("it did not", "未发生")
HUGE = np.finfo(np.float64).max
Array = npt.NDArray[np.float64]


def pictures_of(trial: Trial) -> tuple[list[Curves], list[Counts], list[Cells]]:
    """The trial's curves, histograms and grids, blocks put together; of grids the first stays."""
    curves: dict[Text, list[Curve]] = {}
    histograms: dict[Text, list[Histogram]] = {}
    grids: dict[Text, Grid] = {}
    outcomes: list[Array] = []
    for block in trial.exhibits:
        for exhibit in block:
            if isinstance(exhibit, Curve):
                curves.setdefault(exhibit.title, []).append(exhibit)
            elif isinstance(exhibit, Histogram):
                histograms.setdefault(exhibit.title, []).append(exhibit)
            elif isinstance(exhibit, Grid):
                grids.setdefault(exhibit.title, exhibit)
            elif isinstance(exhibit, Outcomes):
                outcomes.append(exhibit.values)
    return (
        [_curves(blocks) for blocks in curves.values()],
        [histogram(blocks) for blocks in histograms.values()],
        [*map(_cells, grids.values()), *_outcomes(outcomes)],
    )


def _curves(blocks: list[Curve]) -> Curves:
    first = blocks[0]
    x = np.asarray(first.x, dtype=np.float64)
    kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), POINTS)).round().astype(int))
    series: list[Series] = []
    replicates = None
    for place, line in enumerate(first.lines):
        y = np.concatenate([np.atleast_2d(block.lines[place].y) for block in blocks])[:, kept]
        if np.ndim(line.y) == 1:
            series.append(Series(line.name, _numbers(y[0]), None, None))
            continue
        replicates = len(y)
        # A diverged replicate counts as the worst, so that it widens the band and is not dropped.
        low, middle, high = np.quantile(np.where(np.isfinite(y), y, HUGE), [0.1, 0.5, 0.9], axis=0)
        series.append(Series(line.name, _numbers(middle), _numbers(low), _numbers(high)))
    return Curves(
        title=first.title,
        x_label=first.x_label,
        y_label=first.y_label,
        log_y=first.log_y,
        x=_rounded(x[kept]),
        series=series,
        marks=[Mark(name, value) for name, value in first.marks.items()],
        replicates=replicates,
    )


def histogram(blocks: list[Histogram]) -> Counts:
    """The blocks' values counted into bins, and the first block's titles and marks."""
    first = blocks[0]
    values = np.concatenate([np.asarray(block.values).ravel() for block in blocks])
    values = values[np.isfinite(values)]
    # The marks belong in the picture even where no value came near them.
    reach = np.concatenate([values, np.array(list(first.marks.values()), dtype=np.float64)])
    bins = _bin_edges(values, reach, next(iter(first.marks.values()), None))
    counts, edges = np.histogram(values, bins=bins)
    return Counts(
        title=first.title,
        x_label=first.x_label,
        edges=_rounded(edges),
        counts=[int(count) for count in counts],
        marks=[Mark(name, value) for name, value in first.marks.items()],
    )


def _bin_edges(values: Array, reach: Array, mark: float | None) -> Array:
    """Edges of the bins over all that must show; counts get a bin around each whole number.

    The first mark is an edge, so that what lies above it can be counted.
    """
    low, high = (float(reach.min()), float(reach.max())) if len(reach) else (0.0, 1.0)
    if len(values) and high - low < BINS and bool((values == np.round(values)).all()):
        return np.arange(math.floor(low) - 0.5, math.ceil(high) + 1.0)
    bins = int(min(BINS, max(8, round(math.sqrt(len(values))))))
    edges = np.histogram_bin_edges(values, bins=bins, range=(low, high) if low < high else None)
    if mark is not None and low < high:
        width = (high - low) / bins
        below, above = (math.ceil(abs(end - mark) / width - 1e-9) for end in (low, high))
        edges = mark + width * np.arange(-below, above + 1)
        edges[[0, -1]] = min(edges[0], low), max(edges[-1], high)
    return np.asarray(edges, dtype=np.float64)


def _outcomes(blocks: list[Array]) -> Iterator[Cells]:
    """What came of every replicate, in rows; the last one may be shorter."""
    if blocks:
        marks = "".join("1" if one else "0" for one in np.concatenate(blocks))
        rows = [marks[at : at + COLUMNS] for at in range(0, len(marks), COLUMNS)][:GRID]
        yield Cells(title=EVERY, on=HAPPENED, off=NOT, row_names=[], rows=rows)


def _cells(grid: Grid) -> Cells:
    """At most so many cells either way as can be seen."""
    cells = np.asarray(grid.values).reshape(-1, grid.columns)[:GRID, :GRID] > 0
    return Cells(
        title=grid.title,
        on=grid.on,
        off=grid.off,
        row_names=list(grid.row_names[: len(cells)]),
        rows=["".join("1" if cell else "0" for cell in row) for row in cells],
    )


def _rounded(values: Array) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def _numbers(values: Array) -> list[float | None]:
    finite = np.isfinite(values) & (np.abs(values) < HUGE)
    return [value if shown else None for value, shown in zip(_rounded(values), finite, strict=True)]
