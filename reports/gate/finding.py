"""What the gate finds, one sentence each, and the exit status that the findings come to."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from reports.statuses import GREEN, NOTHING, RED, UNDECIDED


class Level(enum.Enum):
    """How a finding weighs; the value is its mark in the terminal."""

    RED = "✗"
    NOTHING = "∅"  # asked to judge, and nothing was there
    UNDECIDED = "?"
    OPEN = "·"  # the gate cannot tell, and says so: no pass, no failure
    NEW = "+"
    OK = "✓"


@dataclass(frozen=True)
class Finding:
    """One sentence about one thing; what is no pass says what to run next."""

    level: Level
    about: str
    said: str
    next: str = ""
    file: str | None = None
    line: int | None = None


STATUSES = {Level.RED: RED, Level.NOTHING: NOTHING, Level.UNDECIDED: UNDECIDED}


def status_of(findings: Iterable[Finding]) -> int:
    """The exit status: red before nothing judged before undecided before green."""
    levels = {finding.level for finding in findings}
    return next((status for level, status in STATUSES.items() if level in levels), GREEN)
