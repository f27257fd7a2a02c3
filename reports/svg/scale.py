"""From values to whole pixels, linearly or logarithmically, and the ticks in between."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

SMALLEST = 1e-300  # what a value that has no logarithm is drawn at
FEWEST = 3  # ticks from which an axis is read
DIGITS = ((1, 2, 5), (1, 1.5, 2, 3, 5, 7))  # of the ticks of a logarithmic scale too short for tens
LARGEST = 1e150  # a diverged value is drawn on the border and does not stretch the scale


@dataclass(frozen=True)
class Scale:
    """Maps [low, high] to the pixels [start, stop]; what lies outside lands on the border."""

    low: float
    high: float
    start: int
    stop: int
    log: bool = False
    whole: bool = False  # ticks at whole numbers alone

    def __call__(self, value: float) -> int:
        """The pixel of a value."""
        low, high, here = (self._bend(v) for v in (self.low, self.high, value))
        share = (here - low) / (high - low) if high > low else 0.5
        return round(self.start + min(max(share, 0.0), 1.0) * (self.stop - self.start))

    def _bend(self, value: float) -> float:
        return math.log10(max(value, SMALLEST)) if self.log else value

    def ticks(self, most: int) -> list[float]:
        """About `most` round values within the scale, and at least three if there are so many."""
        if self.log:
            powers = range(math.ceil(self._bend(self.low)), math.floor(self._bend(self.high)) + 1)
            if len(powers) >= FEWEST:
                stride = math.ceil(len(powers) / most)
                return [10.0**power for power in powers if power % stride == 0]
            for digits in DIGITS:
                ticks = [
                    digit * 10.0**power
                    for power in range(powers.start - 1, powers.stop)
                    for digit in digits
                    if self.low <= digit * 10.0**power <= self.high
                ]
                if len(ticks) >= FEWEST:
                    return ticks
        span = self.high - self.low
        if span <= 0 or not math.isfinite(span):
            return [self.low]
        few = self._even(span / most)
        return few if len(few) >= FEWEST else self._even(span / most / 2)

    def _even(self, rough: float) -> list[float]:
        step = _round_step(max(rough, 1.0) if self.whole else rough)
        if self.whole:
            step = math.ceil(step)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [index * step for index in range(first, last + 1)]


def spanning(
    values: Iterable[float | None], start: int, stop: int, log: bool = False, pad: float = 0.04
) -> Scale:
    """A scale that holds all the values with a margin; for a log scale the positive ones."""
    known = [
        v for v in values if v is not None and abs(v) < LARGEST and (v > 1 / LARGEST or not log)
    ]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if log:
        if not known:
            return Scale(1.0, 10.0, start, stop, log=True)
        margin = (high / low) ** pad if high / low > 1 else 2.0
        return Scale(low / margin, high * margin, start, stop, log=True)
    margin = (high - low) * pad if high > low else max(abs(high) * 0.1, 1e-9)
    return Scale(low - margin, high + margin, start, stop)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
