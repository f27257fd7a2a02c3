"""How far two training runs may be apart and still behave the same: "test_loss 5%"."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.statistics.evidence import Floats, Interval

POINT = 0.01  # a percentage point of a share between 0 and 1
WRITTEN = re.compile(r"(?P<of>.*?\S)\s+(?P<size>[-+.\w]+)\s*(?P<unit>%|points?)?")
PLACED = re.compile(r"(?P<name>.+?)\[(?P<at>-?\d+)\]")
SIZES = "a margin is a ratio ('test_loss 5%'), percentage points of a share ('accuracy 1 point') \
or a difference ('norm 0.2'), and above 0"


class MarginError(ValueError):
    """A margin that states no test, or numbers that it cannot be asked of: one sentence."""


@dataclass(frozen=True)
class Margin:
    """One statistic, a point of its curve or none, and how far the sides may be apart in it.

    `unit` is "%" (a ratio: after / before within 1 / (1 + size) and 1 + size), "point" (a
    difference of shares between 0 and 1) or "" (a difference in the statistic's own units).
    """

    name: str
    size: float
    unit: str = ""
    at: int | None = None

    @property
    def of(self) -> str:
        """The statistic and the point that are meant."""
        return self.name if self.at is None else f"{self.name}[{self.at}]"

    @property
    def text(self) -> str:
        """The margin as it is written."""
        if self.unit == "%":
            return f"{self.of} {100 * self.size:g}%"
        if self.unit == "point":
            return f"{self.of} {self.size / POINT:g} point"
        return f"{self.of} {self.size:g}"

    @property
    def zone(self) -> Interval:
        """The open interval of differences that count as the same: of logarithms for a ratio."""
        reach = math.log1p(self.size) if self.unit == "%" else self.size
        return -reach, reach

    def differences(self, before: npt.ArrayLike, after: npt.ArrayLike) -> Floats:
        """after - before, of logarithms for a ratio; NaN where a side is not finite.

        Raises MarginError for numbers that have no ratio, or are no share.
        """
        x, y = (np.asarray(side, dtype=np.float64) for side in (before, after))
        both = np.concatenate([x.ravel(), y.ravel()])
        seen = both[np.isfinite(both)]
        if self.unit == "%" and (seen < 0).any():
            raise MarginError(
                f"{self.of} is {seen.min():g} in a run, and a ratio asks for numbers that are not "
                f"below 0; give a difference, as in '{self.of} 0.1'"
            )
        if self.unit == "point" and ((seen < 0) | (seen > 1)).any():
            raise MarginError(
                f"{self.of} is {seen[(seen < 0) | (seen > 1)][0]:g} in a run, and a point is of "
                f"shares between 0 and 1; give a difference in its own units, as in '{self.of} 1'"
            )
        known = np.isfinite(x) & np.isfinite(y)
        found = np.full(np.broadcast(x, y).shape, np.nan)
        if self.unit == "%":
            with np.errstate(divide="ignore", invalid="ignore"):
                ratios = np.where(x == y, 0.0, np.log(y) - np.log(x))
            found[known] = ratios[known]
        else:
            found[known] = y[known] - x[known]
        return found

    def shown(self, difference: float) -> float:
        """A difference as people read it: a relative change for a ratio, else as it is."""
        return math.expm1(difference) if self.unit == "%" else difference


def margin(of: str, size: str | float) -> Margin:
    """The margin of a statistic, or of a point of a curve, "loss[-1]": 0.02, "5%", "1 point"."""
    return parsed(f"{of} {size}")


def margins(within: Mapping[str, str | float]) -> tuple[Margin, ...]:
    """The margins by statistic. Raises MarginError where there is none."""
    return margins_in([f"{of} {size}" for of, size in within.items()])


def margins_in(texts: Sequence[str]) -> tuple[Margin, ...]:
    """The margins that are written so. Raises MarginError where there is none, or one is twice."""
    if not texts:
        raise MarginError(
            "no margin was given, so that nothing can be the same or not; say how far the sides "
            "may be apart, as in --within 'test_loss 5%' or within={'test_loss': '5%'}"
        )
    found = tuple(map(parsed, texts))
    twice = [one.of for place, one in enumerate(found) if one.of in {x.of for x in found[:place]}]
    if twice:
        raise MarginError(f"{twice[0]} has two margins; give one")
    return found


def parsed(text: str) -> Margin:
    """The margin that is written as "test_loss 5%", "accuracy 1 point" or "loss[-1] 0.02"."""
    found = WRITTEN.fullmatch(text.strip())
    try:
        size = float(found["size"]) if found else math.nan
    except ValueError:
        size = math.nan
    if found is None or not 0 < size < math.inf:
        raise MarginError(f"{text!r}: {SIZES}")
    unit = (found["unit"] or "").removesuffix("s")
    placed = PLACED.fullmatch(found["of"])
    return Margin(
        name=placed["name"] if placed else found["of"],
        size=size * POINT if unit else size,
        unit=unit,
        at=int(placed["at"]) if placed else None,
    )
