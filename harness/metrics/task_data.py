"""Numbers of a task's generator: do pairs of them agree in sign as independent ones would?"""

from collections.abc import Mapping
from itertools import combinations

from harness.metrics import dropout_masks
from harness.metrics.arrays import Array

Counts = dict[str, tuple[int, int]]

EXAMPLES = 64  # of a replicate, unless a claim has its own number
WITHIN = ("next example", "other half", "mirrored", "next replicate", "next call")


def groups(replicates: int) -> int:
    """Replicates of EXAMPLES, an even number, that give every label at least so many pairs."""
    return 2 * max(1, -(-replicates // EXAMPLES))


def labels(*names: str) -> tuple[str, ...]:
    """What `agreements` counts for numbers of these names."""
    alone = [f"{name}, {how}" for name in names for how in WITHIN]
    return (*alone, *(f"{one} and {other}" for one, other in combinations(names, 2)))


def agreements(first: Mapping[str, Array], second: Mapping[str, Array]) -> Counts:
    """{label: (agreements, disjoint pairs)} of the signs of two calls' numbers.

    Each is (R, n), R and n even.
    """
    found: Counts = {}
    for name, numbers in first.items():
        here, half = numbers > 0, numbers.shape[1] // 2
        pairs = {
            "next example": (here[:, 0::2], here[:, 1::2]),
            "other half": (here[:, :half], here[:, half:]),
            "mirrored": (here[:, :half], here[:, :half - 1:-1]),
            "next replicate": (here[0::2], here[1::2]),
            "next call": (here, second[name] > 0),
        }  # fmt: skip
        for how, (one, other) in pairs.items():
            found[f"{name}, {how}"] = dropout_masks.pairs_agree(one, other)
    for left, right in combinations(first, 2):
        agree = dropout_masks.pairs_agree(first[left] > 0, first[right] > 0)
        found[f"{left} and {right}"] = agree
    return found
