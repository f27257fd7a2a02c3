"""An explorable: quantities of the chapter under the reader's hand, in pictures that stay."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.text import Text
from reports.explored import Explored, read
from reports.numbers import number

PLACE = re.compile(r"\{(\w+)(?:\.(first|last))?(?:\.(low|high))?\}")
DIGITS = 3  # of a measured number in a sentence


@dataclass(frozen=True)
class Control:
    """What the reader sets: a slider over the values of an axis, or a choice of a few."""

    axis: str
    name: Text
    values: Sequence[Text]
    start: int
    choice: bool = False


@dataclass(frozen=True)
class Drawn:
    """A quantity as a line; `end` is the end of the axis that the figure leaves out."""

    quantity: str
    name: Text
    end: str = ""


@dataclass(frozen=True)
class Lines:
    """Quantities along an axis; where a control of `apart` moves, the y axis is another one.

    `layers_of` is the control whose places have layers of their own to run along.
    """

    title: Text
    along: str
    x_label: Text
    y_label: Text
    series: Sequence[Drawn]
    apart: Sequence[str] = ()
    log: bool = True
    layers_of: str = ""


@dataclass(frozen=True)
class Sample:
    """One sample, the curve that it comes from and the one that is fitted to it, by name."""

    title: Text
    x_label: Text
    y_label: Text
    seen: Text
    truth: Text
    fit: Text


@dataclass(frozen=True)
class Masks:
    """Masks of a dropout layer, row by row, at the probability that a control sets."""

    title: Text
    axis: str
    on: Text
    off: Text


Figure = Lines | Sample | Masks


@dataclass(frozen=True)
class Explorable:
    """Its texts, controls and figures.

    Of `sections` the first that is on the page has it; `claims` put what it shows on trial.
    `said` names controls and quantities in braces: "{degree}", "{test}", "{test.last.low}".
    """

    name: str
    sections: Sequence[str]
    title: Text
    lead: Text
    protocol: Text
    said: Text
    controls: Sequence[Control]
    figures: Sequence[Figure]
    claims: Sequence[str]

    @functools.cached_property
    def explored(self) -> Explored:
        """What was measured."""
        return read(self.name)

    @property
    def start(self) -> dict[str, int]:
        """The setting that is shown first: an index for each control."""
        return {control.axis: control.start for control in self.controls}

    def told(self, at: Mapping[str, int] | None = None) -> Text:
        """What is seen at a setting; at the first one if none is given."""
        here = self.start if at is None else at
        chosen = {one.axis: one.values[here[one.axis]] for one in self.controls}
        en, zh = (
            {axis: getattr(value, language) for axis, value in chosen.items()}
            for language in ("en", "zh")
        )
        return Text(
            PLACE.sub(lambda found: self._put(found, en, here), self.said.en),
            PLACE.sub(lambda found: self._put(found, zh, here), self.said.zh),
        )

    def _put(self, found: re.Match[str], labels: dict[str, str], at: Mapping[str, int]) -> str:
        name, end, which = found.groups()
        if name in labels:
            return labels[name]
        middle, low, high = self.explored.value(name, at, end or "")
        value = {"low": low, "high": high}.get(which, middle)
        return number(value and float(f"{value:.{DIGITS}g}"), DIGITS)  # no digit that is not known
