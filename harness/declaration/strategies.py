"""What claims draw from: probabilities, shapes, layouts, dtypes, fans, degrees, depths, rates.

Every strategy yields plain JSON values, so that a setting can be written down and replayed.
"""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy


def drop_probabilities(low: float = 0.001, high: float = 0.95) -> SearchStrategy[float]:
    """Drop probabilities, with the ones that expose faults (not 1/2) as the simplest."""
    exposing = [p for p in (0.1, 0.2, 0.3, 0.5, 0.8, 0.9, 0.001) if low <= p <= high]
    drawn = st.floats(low, high, allow_nan=False).map(lambda p: float(f"{p:.3g}"))
    return st.one_of(st.sampled_from(exposing), drawn.filter(lambda p: low <= p <= high))


def shapes(
    min_rank: int = 1, max_rank: int = 5, min_size: int = 64, max_size: int = 8192
) -> SearchStrategy[list[int]]:
    """Shapes with odd, even and unit sides whose number of elements lies within the bounds."""
    sides = st.sampled_from([1, 2, 3, 4, 5, 7, 8, 16, 17, 32, 33, 64])

    def grow(shape: list[int]) -> list[int]:
        # Lengthen the first side until the shape holds enough; cut others until not too many.
        shape = list(shape)
        while _size(shape) > max_size:
            widest = max(range(len(shape)), key=lambda i: shape[i])
            shape[widest] = (shape[widest] + 1) // 2
        while _size(shape) < min_size:
            shape[0] += 1
        return shape

    return st.lists(sides, min_size=min_rank, max_size=max_rank).map(grow)


def _size(shape: list[int]) -> int:
    size = 1
    for side in shape:
        size *= side
    return size


def layouts() -> SearchStrategy[str]:
    """How the memory of a tensor lies: see `metrics.laid_out`."""
    return st.sampled_from(["contiguous", "transposed", "strided", "reversed", "channels_last"])


def dtypes(*names: str) -> SearchStrategy[str]:
    """Names of floating dtypes; by default double, single and both 16-bit ones."""
    return st.sampled_from(list(names or ("float32", "float64", "bfloat16", "float16")))


def fans(low: int = 8, high: int = 256) -> SearchStrategy[list[int]]:
    """(fan_in, fan_out) pairs that are not square, so that swapping them shows."""
    side = st.sampled_from([n for n in (8, 16, 31, 64, 100, 128, 256, 300) if low <= n <= high])
    return st.tuples(side, side).filter(lambda pair: pair[0] != pair[1]).map(list)


def degrees(low: int, high: int) -> SearchStrategy[int]:
    """Polynomial degrees."""
    return st.integers(low, high)


def depths(low: int, high: int) -> SearchStrategy[int]:
    """Numbers of layers."""
    return st.integers(low, high)


def learning_rates(low: float = 0.01, high: float = 0.3) -> SearchStrategy[float]:
    """Learning rates large enough for an error in the update to show."""
    return st.floats(low, high).map(lambda rate: float(f"{rate:.3g}"))


def penalties(low: float = 0.01, high: float = 3.0) -> SearchStrategy[float]:
    """Weight-decay coefficients (lambda) large enough for an error to show."""
    return st.floats(low, high).map(lambda decay: float(f"{decay:.3g}"))


def counts(low: int, high: int) -> SearchStrategy[int]:
    """Whole numbers: samples, folds, batches, replicas."""
    return st.integers(low, high)


def widths(*sizes: int) -> SearchStrategy[int]:
    """The widths of a chain whose layers are all equally wide."""
    return st.sampled_from(list(sizes))
