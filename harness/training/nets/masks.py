"""Dropout masks for the engine: 16 random bits an element, or 8, drawn by groups of replicas.

Every group has its stream, and every mask takes whole words from it, so that groups can be trained
alone or together and epochs cut anywhere without changing a mask.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

_LEVELS = 65536  # a rate is rounded to a multiple of 2^-16; a training run cannot tell


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

    def _empty(self, examples: int, widths: Sequence[int]) -> list[Tensor]:
        shapes = [(self._replicas, examples, width) for width in widths]
        return [torch.empty(shape, dtype=self._dtype) for shape in shapes]

    def _filled(self, mask: Tensor, threshold: int) -> Tensor | None:
        if threshold == 0:
            return None
        if threshold >= _LEVELS:
            return mask.zero_()
        if threshold % 256 == 0:  # eight bits decide, as at rate 1/2
            return torch.ge(self._bits(mask, 8), threshold // 256 - 128, out=mask)
        # As signed numbers 16 bits start at -2^15, 8 bits at -2^7.
        return torch.ge(self._bits(mask, 16), threshold - _LEVELS // 2, out=mask)

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


def seeds_for(streams: int, generator: torch.Generator) -> list[list[int]]:
    """Return two seed words for every stream, drawn from the generator."""
    words = torch.randint(
        2**62, (streams, 2), generator=generator, device=generator.device, dtype=torch.int64
    )
    seeds: list[list[int]] = words.tolist()
    return seeds
