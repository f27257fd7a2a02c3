"""Sessions without pytest: plain options, a suite of two coins, and a scheduler in this process."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from examples import toys
from harness.blocks import block as measurement
from harness.declaration.claim import Claim, Untestable
from harness.declaration.profiles import PROFILES
from harness.implementation.named import Implementation
from harness.run.options import Options
from harness.run.session import ClaimSession
from harness.text import Text

PLAIN = Options(
    PROFILES["ci"], "salt", ("cpu",), Implementation(), "slice", Path("out"), (), "serial", 120.0,
    go_on=False,
)  # fmt: skip
MINE = Implementation({"relu": "examples.toy_faults:nothing"})
SUITE = (toys.coin(0.97, "heads", seconds=3.0), toys.coin(0.97, "heads.again", seconds=1.0))


def options_of(**options: Any) -> Options:
    """Plain options but these; `profile` is given by its name."""
    if "profile" in options:
        options["profile"] = PROFILES[options["profile"]]
    return replace(PLAIN, **options)


def session_of(root: Path = Path(), **options: Any) -> ClaimSession:
    """A session with plain options but these."""
    return ClaimSession(options_of(**options), root)


def listed() -> Untestable:
    """A sentence that no experiment settles."""
    return Untestable(
        "toy-listed", Text("Coins are fair", "硬币公平"), source="a test",
        reason=Text("nobody says which", "没有说是哪一枚"), citation="a book",
    )  # fmt: skip


class Scheduler:
    """A scheduler of two workers that measures in this process and notes what it is told."""

    workers, is_local = 2, True

    def __init__(self, claim: Claim = toys.a_coin_is_drawn) -> None:
        self.claim = claim
        self.notes = ["a worker died"]
        self.told: Iterator[Any] | None = None
        self.closed = False

    def expect(self, upcoming: Iterator[Any]) -> None:
        self.told = upcoming

    def blocks(
        self, task_of: Callable[[int], Any], first: int, end: int, wanted: Callable[[], int]
    ) -> Iterator[Any]:
        return (measurement.measure(self.claim, task_of(index)) for index in range(first, end))

    def close(self) -> None:
        self.closed = True
