"""Split and folded generators: agreement of their bits, in place and shifted."""

from harness.metrics import dropout_masks
from harness.metrics.arrays import Array

Counts = dict[str, tuple[int, int]]

LAGS = (1, 2, 4, 8)
PAIRS = tuple(f"children, lag {lag}" for lag in LAGS)
SHIFTS = tuple(f"next child, shift {shift}" for shift in (1, 2, 8, 16, 32))


def pairs(drawn: Array) -> Counts:
    """{label: (agreements, pairs)} of the bits u < 1/2 of children so many places apart.

    drawn is (seeds, children, size); the children of a pair are those of one seed.
    """
    bits = drawn < 0.5
    return {f"children, lag {lag}": dropout_masks.agreements(bits, 1, lag) for lag in LAGS}


def shifts(drawn: Array) -> Counts:
    """{label: (agreements, pairs)} of a child's numbers with the next one's, shifted by so many.

    Only every other child begins a pair, so that pairs are disjoint.
    """
    bits = drawn < 0.5
    here, following = bits[:, 0::2], bits[:, 1::2]
    return {
        f"next child, shift {shift}": dropout_masks.pairs_agree(
            here[..., shift:], following[..., : bits.shape[-1] - shift]
        )
        for shift in (1, 2, 8, 16, 32)
    }


def folded(count: int, step: int) -> list[tuple[int, ...]]:
    """So many lists of numbers, next to one another the ones that are easily mistaken.

    (a, b) and (b, a); (a, b) and (a + 1, b - 1), with the same sum; (b,) and (a, b).
    """
    found: list[tuple[int, ...]] = []
    for i in range(count // 4):
        a, b = 2 * i * step, (2 * i + 3) * step + 1
        found += [(a, b), (b, a), (a + 1, b - 1), (b - 1,)]
    return found
