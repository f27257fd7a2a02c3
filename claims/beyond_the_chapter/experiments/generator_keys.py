"""Split and folded generators: agreement of their bits, in place and shifted."""

import numpy as np

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


def mistakable(number: int) -> list[tuple[int, ...]]:
    """Lists of numbers below 2^32 that hashes, sums, strings and masks take for one another."""
    n = number
    alike = [(), (0,), (0, 0), (n,), (n, 0), (0, n), (n, n), (n, 0, 0), (n + 1,), (n - 1, 1)]
    in_base = [(n, 1), *((0, base * n + 1) for base in (10, 31, 100, 1000, 1 << 10, 1 << 16))]
    high = [((1 << bits) + n,) for bits in (8, 16, 24, 31)]
    digits = 10 ** len(str(n))
    long = [
        (1, 2, n),
        (3, 2, n),
        (1, n, 2),
        (1, 2, n, 0),
        (1, 2, n, 1),
        (12, n),
        (1, 2 * digits + n),
    ]
    return list(dict.fromkeys([*alike, *in_base, *high, *long]))


def apart(drawn: Array) -> bool:
    """True if no two streams (n, size) begin alike, and none begins inside another.

    Three numbers of 24 bits are the same by chance once in 2^72.
    """
    parts = np.lib.stride_tricks.sliding_window_view(drawn, 3, axis=1)
    starts = {tuple(row) for row in parts[:, 0].tolist()}
    inside = {tuple(row) for row in parts[:, 1:].reshape(-1, 3).tolist()}
    return len(starts) == len(drawn) and not starts & inside
