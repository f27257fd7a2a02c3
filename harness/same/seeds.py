"""The seeds of a comparison's pairs: derived from the salt, or those of stored runs."""

from collections.abc import Iterator, Sequence

from harness.blocks.streams import Stream, block_stream
from harness.same.sides import Side

SEED_BITS = 31  # frameworks differ in what they take as a seed; all take these

Seeds = tuple[int | None, int | None]


def seeds(sides: tuple[Side, Side], salt: str, most: int, *, paired: bool) -> Sequence[Seeds]:
    """The seeds of both sides of at most `most` pairs; fewer where fewer runs are stored.

    A function is given the seeds that stored runs had, so that they are pairs. Two files are
    paired by the seeds that they have in common, and in their order where there are none. Sides
    that are not paired keep their own.
    """
    before, after = (side.seeds for side in sides)
    if before is not None and after is not None:
        known = set(after) - {None}
        common = [seed for seed in before if seed in known] if paired else []
        if common:
            return [(seed, seed) for seed in common][:most]
        return [(None, None)] * min(most, len(before), len(after))
    derived = _derived(salt, most, paired=paired)
    stored = before if before is not None else after
    if stored is None:
        return list(derived)
    found: list[Seeds] = []
    for own, seed in zip(derived, stored, strict=False):
        if seed is None:
            found.append(own)
        elif paired:
            found.append((seed, seed))
        else:
            found.append((own[0], seed) if before is None else (seed, own[1]))
    return found


def _derived(salt: str, most: int, *, paired: bool) -> Iterator[Seeds]:
    for pair in range(most):
        stream = block_stream(salt, "same", "", "", pair)
        one = _seed(stream.child("before"))
        yield one, one if paired else _seed(stream.child("after"))


def _seed(stream: Stream) -> int:
    return stream.seed() >> (63 - SEED_BITS)
