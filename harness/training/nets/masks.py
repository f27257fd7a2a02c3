"""Dropout masks for the engine: 16 random bits an element, or 8, drawn by groups of replicas.

Every group has its stream, and every mask takes whole words from it, so that groups can be trained
alone or together and epochs cut anywhere without changing a mask.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

_LEVELS = 65536  # a rate is rounded to a multiple of 2^-16; a training run cannot tell

ALL, BYTES, WORDS, NONE = range(4)  # what decides a mask, if neither all is kept nor nothing is
_BITS = (0, 8, 16, 0)


class Masks:
    """The masks of one block of replicas, as floats 0 and 1; `scales` are what survivors gain.

    `seeds` has one entry for every `group` replicas; the last group may be smaller.
    """

    def __init__(
        self, seeds: Sequence[Sequence[int]], rates: Sequence[float], dtype: torch.dtype,
        replicas: int, group: int = 1,
    ) -> None:  # fmt: skip
        self._streams = [np.random.SFC64(np.random.SeedSequence(list(words))) for words in seeds]
        self._thresholds = [round(p * _LEVELS) for p in rates]
        self._dtype = dtype
        self._replicas, self._group = replicas, group
        self.scales = [_LEVELS / (_LEVELS - t) if t < _LEVELS else 1.0 for t in self._thresholds]

    def steps(
        self,
        examples: Sequence[int],
        widths: Sequence[int],
        room: Callable[[int], Sequence[Tensor]] | None = None,
    ) -> Iterator[list[Tensor | None]]:
        """Yield for every step the mask (replicas, examples, width) of each layer.

        Without dropout a layer's mask is None, and takes no words. `room(examples)` may give the
        memory of each layer's mask, which the next step's overwrites.
        """
        for size in examples:
            masks = self._empty(size, widths) if room is None else room(size)
            yield [self._filled(*layer) for layer in zip(masks, self._thresholds, strict=True)]

    @property
    def rules(self) -> tuple[Any, Any, Any]:
        """What decides a mask of each layer, what it is compared with, and what survivors gain.

        For the compiled loops.
        """
        by = np.array([_kind(threshold) for threshold in self._thresholds], dtype=np.int64)
        compared = np.array([_compared(t) for t in self._thresholds], dtype=np.int64)
        return by, compared, np.array(self.scales, dtype=np.float32)

    def drawn(self, examples: Sequence[int], widths: Sequence[int]) -> Iterator[tuple[slice, Any]]:
        """Yield for every stream its replicas and the 64-bit words of all steps' masks.

        They are those that `steps` would take.
        """
        for at, stream in enumerate(self._streams):
            part = slice(at * self._group, min((at + 1) * self._group, self._replicas))
            count = part.stop - part.start
            words = sum(
                -(-count * size * width * _BITS[_kind(threshold)] // 64)
                for size in examples
                for width, threshold in zip(widths, self._thresholds, strict=True)
            )
            yield part, stream.random_raw(words)

    def _empty(self, examples: int, widths: Sequence[int]) -> list[Tensor]:
        shapes = [(self._replicas, examples, width) for width in widths]
        return [torch.empty(shape, dtype=self._dtype) for shape in shapes]

    def _filled(self, mask: Tensor, threshold: int) -> Tensor | None:
        kind = _kind(threshold)
        if kind == ALL:
            return None
        if kind == NONE:
            return mask.zero_()
        return torch.ge(self._bits(mask, _BITS[kind]), _compared(threshold), out=mask)

    def _bits(self, mask: Tensor, bits: int) -> Tensor:
        """Return random signed numbers of so many bits in the mask's shape."""
        one, left, kind = mask[0].numel(), self._replicas, np.dtype(f"int{bits}")
        drawn = []
        for stream in self._streams:
            count = min(self._group, left) * one
            drawn.append(stream.random_raw(-(-count * bits // 64)).view(kind)[:count])
            left -= self._group
        numbers = drawn[0] if len(drawn) == 1 else np.concatenate(drawn)
        return torch.from_numpy(numbers).view(mask.shape)


def _kind(threshold: int) -> int:
    if threshold == 0:
        return ALL
    if threshold >= _LEVELS:
        return NONE
    return BYTES if threshold % 256 == 0 else WORDS  # eight bits decide, as at rate 1/2


def _compared(threshold: int) -> int:
    """From which number on a unit is kept: as signed numbers 16 bits start at -2^15, 8 at -2^7."""
    return threshold // 256 - 128 if _kind(threshold) == BYTES else threshold - _LEVELS // 2


def seeds_for(streams: int, generator: torch.Generator) -> list[list[int]]:
    """Return two seed words for every stream, drawn from the generator."""
    words = torch.randint(
        2**62, (streams, 2), generator=generator, device=generator.device, dtype=torch.int64
    )
    seeds: list[list[int]] = words.tolist()
    return seeds
