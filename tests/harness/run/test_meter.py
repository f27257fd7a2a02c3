"""The live line of a long claim leaves the terminal as it found it."""

from types import SimpleNamespace
from typing import Any

import pytest

from harness.run import meter
from harness.statistics.evidence import Evidence
from harness.trial.conditions import Progress

PROGRESS = Progress("toy-coin", 0, 1, 64, Evidence(8, 0.5, (0.0, 1.0), 1.0, 2.0), (19.0, 19.0))


class Screen:
    """The last line of a terminal of 80 columns, and where its cursor stands."""

    def __init__(self, line: str) -> None:
        self.line, self._tw = line, SimpleNamespace(fullwidth=80, _current_line=line)

    def rewrite(self, text: str, erase: bool = False) -> None:
        """As pytest's: from the line's start, with blanks to its end where it erases."""
        self.line = text + " " * ((79 - len(text)) if erase else 0)
        self._tw._current_line += "\r" + self.line

    def flush(self) -> None:
        """Nothing waits."""


def test_the_line_is_drawn_and_what_stood_there_is_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(meter, "QUIET_SECONDS", 0.0)
    screen: Any = Screen("claims/toy.py .")
    drawing = meter.Meter(screen, None)

    drawing(PROGRESS)
    assert screen.line.startswith("toy-coin: n=8/64, ")
    drawing.clear()

    assert screen.line == "claims/toy.py ."
    assert screen._tw._current_line == "claims/toy.py .", "what pytest fills up to its percentage"
