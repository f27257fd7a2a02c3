"""Dropout masks for the engine: 16 random bits an element, one stream of words a replica.

Every mask takes whole words from its replica's stream, so that replicas can be trained alone or
together and epochs cut anywhere without changing a mask.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

_CHUNK = 1_000_000  # bytes of random words drawn at once
_ROW = 2048  # bytes that are compared and added up in one call of the inner loop
_LEVELS = 65536  # a rate is rounded to a multiple of 2^-16; a training run cannot tell


class Masks:
    """The masks of one block of replicas, as floats 0 and 1; `scales` are what survivors gain."""

    def __init__(
        self, seeds: Sequence[Sequence[int]], rates: Sequence[float], dtype: torch.dtype
    ) -> None:
        self._streams = [np.random.SFC64(np.random.SeedSequence(list(words))) for words in seeds]
        self._thresholds = [round(p * _LEVELS) for p in rates]
        self._dtype = dtype
        self.scales = [_LEVELS / (_LEVELS - t) if t < _LEVELS else 1.0 for t in self._thresholds]

    def steps(
        self, examples: Sequence[int], widths: Sequence[int]
    ) -> Iterator[list[Tensor | None]]:
        """Yield for every step the mask (replicas, examples, width) of each layer.

        Without dropout a layer's mask is None, and takes no words.
        """
        needs = [[self._words(size, *layer) for layer in self._layers(widths)] for size in examples]
        at_once = max(1, _CHUNK // max(1, 8 * len(self._streams) * sum(needs[0])))
        for start in range(0, len(needs), at_once):
            chunk = needs[start : start + at_once]
            raw = self._raw(sum(map(sum, chunk)))
            done = 0
            for size, words in zip(examples[start : start + at_once], chunk, strict=True):
                masks = []
                for need, (width, threshold) in zip(words, self._layers(widths), strict=True):
                    masks.append(self._mask(raw[:, done : done + need], threshold, size, width))
                    done += need
                yield masks

    def _layers(self, widths: Sequence[int]) -> list[tuple[int, int]]:
        return list(zip(widths, self._thresholds, strict=True))

    def _words(self, examples: int, width: int, threshold: int) -> int:
        """Return how many 64-bit words one mask takes: four elements each."""
        return -(-examples * width // 4) if 0 < threshold < _LEVELS else 0

    def _raw(self, words: int) -> Tensor:
        raw = np.empty((len(self._streams), words), dtype=np.uint64)
        for row, stream in zip(raw, self._streams, strict=True):
            row[...] = stream.random_raw(words)
        return torch.from_numpy(raw.view(np.int16)).reshape(len(raw), words, 4)

    def _mask(self, words: Tensor, threshold: int, examples: int, width: int) -> Tensor | None:
        if threshold == 0:
            return None
        shape = (len(self._streams), examples, width)
        mask = torch.zeros(shape, dtype=self._dtype)
        if threshold < _LEVELS:
            bits = words.flatten(1)[:, : examples * width].reshape(shape)
            # As signed numbers the 16 bits start at -2^15.
            torch.ge(bits, threshold - _LEVELS // 2, out=mask)
        return mask


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


def seeds_for(replicates: int, generator: torch.Generator) -> list[list[int]]:
    """Return two seed words for every replica, drawn from the generator."""
    words = torch.randint(
        2**62, (replicates, 2), generator=generator, device=generator.device, dtype=torch.int64
    )
    seeds: list[list[int]] = words.tolist()
    return seeds
