"""How often units survive dropout's masks: random bytes, compared and added up in NumPy."""

import numpy as np
import numpy.typing as npt

_CHUNK = 1_000_000  # bytes of random words compared at once
_ROW = 2048  # bytes that are compared and added up in one call of the inner loop


def survivors(draws: int, units: int, p: float, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return how often each unit (units,) survives `draws` independent draws at drop rate p.

    A byte decides against p's first eight bits. Where it equals them, one draw in 256, the rest
    of p decides: those draws are counted, and one binomial number a unit says how many drop.
    """
    level, rest = divmod(p * 256, 1)
    if level >= 256:
        return np.zeros(units, dtype=np.int64)
    together = max(1, _ROW // units)  # draws side by side in one row, added up at the end
    counts = np.zeros((2, units), dtype=np.int64)
    for count, width in ((draws // together, together), (draws % together, 1)):
        found = _compared(count, units * width, int(level), rng)
        counts += found.reshape(2, width, units).sum(axis=1)
    passed, above = counts
    return passed - rng.binomial(passed - above, rest)


def _compared(
    rows: int, columns: int, level: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return for each column how many of `rows` random bytes are >= level and > level, (2, ...)."""
    counts = np.zeros((2, columns), dtype=np.int64)
    threshold = np.uint8(level)
    at_once = max(1, min(255, _CHUNK // columns))  # at most 255, for bytes count them
    compared = np.empty((at_once, columns), dtype=np.bool_)
    sums = np.empty(columns, dtype=np.uint8)
    for start in range(0, rows, at_once):
        size = min(at_once, rows - start)
        words = rng.bit_generator.random_raw(-(-size * columns // 8))
        drawn = words.view(np.uint8)[: size * columns].reshape(size, columns)
        kept = compared[:size]
        for compare, count in zip((np.greater_equal, np.greater), counts, strict=True):
            compare(drawn, threshold, out=kept)
            count += np.add.reduce(kept.view(np.uint8), axis=0, dtype=np.uint8, out=sums)
    return counts
