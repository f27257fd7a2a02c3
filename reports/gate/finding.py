"""What the gate finds, one sentence each, and the exit status that the findings come to."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Level(enum.Enum):
    """How a finding weighs; the value is its mark in the terminal."""

    RED = "✗"
    UNDECIDED = "?"
    OPEN = "·"  # the gate cannot tell, and says so: no pass, no failure
    NEW = "+"
    OK = "✓"


@dataclass(frozen=True)
class Finding:
    """One sentence about one thing; what is red or undecided says what to run next."""

    level: Level
    about: str
    said: str
    next: str = ""
    file: str | None = None
    line: int | None = None


GREEN, RED, UNUSABLE, UNDECIDED = 0, 1, 2, 3
STATUSES = f"""\
exit status:
  {GREEN}  nothing is worse; what is new has no baseline yet and is told
  {RED}  red: a verdict, a statistic or a timing is worse, or a claim has vanished
  {UNUSABLE}  the gate could not judge: records or baseline cannot be read; nothing was compared
  {UNDECIDED}  nothing is red, but something is undecided: continue it with --claims-continue
     (timings: with more --rounds), never run it again until it is green"""


def status_of(findings: Iterable[Finding]) -> int:
    """The exit status: red before undecided before green."""
    levels = {finding.level for finding in findings}
    if Level.RED in levels:
        return RED
    return UNDECIDED if Level.UNDECIDED in levels else GREEN
