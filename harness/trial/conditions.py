"""What an examination is given: its shares of the error budget, and what the run fixes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import log
from typing import NamedTuple

from harness.blocks.capabilities import Capabilities, Capability
from harness.declaration.profiles import DEFAULT_SALT, PROFILES, Profile
from harness.implementation.named import Implementation
from harness.statistics.evidence import Evidence, Summary
from harness.statistics.ledger import Ledger
from harness.workers.scheduler import Scheduler

Trail = tuple[tuple[int, float, float], ...]  # observations, nats for and nats against


class Shares(NamedTuple):
    """The most that false confirmations (alpha) and false refutations (beta) may happen."""

    alpha: float
    beta: float

    @classmethod
    def of(cls, ledger: Ledger, claim: str) -> Shares:
        """What the ledger grants the claim on one device."""
        return cls(ledger.alpha(claim), ledger.beta(claim))

    def over(self, parts: int) -> Shares:
        """The shares of each of so many parts, whose errors sum to these (union bound)."""
        return Shares(self.alpha / parts, self.beta / parts)

    @property
    def needed(self) -> tuple[float, float]:
        """The evidence for and against that decides, in nats: log 1/alpha and log 1/beta."""
        return log(1 / self.alpha), log(1 / self.beta)


@dataclass(frozen=True)
class Progress:
    """How far a trial is: what a terminal shows while it runs."""

    claim: str
    setting: int
    settings: int
    cap: int
    evidence: Evidence
    needed: tuple[float, float]


@dataclass(frozen=True)
class Stored:
    """An undecided trial of an earlier run: what it takes to go on with new replicates."""

    blocks: int = 0
    summary: Summary | None = None
    digest: bytes = b""
    trail: Trail = ()
    calls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Conditions:
    """What a run fixes for every claim: salt, profile, device, implementation, where to work."""

    salt: str = DEFAULT_SALT
    profile: Profile = PROFILES["ci"]
    device: str = "cpu"
    devices: tuple[str, ...] = ("cpu",)  # of the run, which share its error rates
    implementation: Implementation = field(default_factory=Implementation)
    images: str = "slice"
    scheduler: Scheduler | None = None
    block_limit: float = 120.0
    progress: Callable[[Progress], None] | None = None
    stored: Mapping[str, Stored] = field(default_factory=dict)
    measures_on: bool = False  # after the decision, until sizes are known
    folder: str = ""  # in which the run's processes share experiments
    device_lost: str = ""  # what was said when the device was lost, if it was
    capabilities: Capabilities = field(default_factory=Capabilities)

    @property
    def capability(self) -> Capability | None:
        """What the device cannot do; None if nothing is said of it."""
        return self.capabilities.of(self.device)
