"""What frameworks disagree on: declared for an adapter, then held by the claims."""

from __future__ import annotations

from dataclasses import dataclass

from harness.declaration.not_applicable import NotApplicableError


@dataclass(frozen=True)
class Conventions:
    """What the object means by its rate, its weights' axes and its weight decay."""

    rate: str = "drop"
    layout: str = "out, in"
    decay: str = "coupled"

    def rate_of(self, p: float) -> float:
        """The rate that the object takes for the drop probability p."""
        return 1.0 - p if self.rate == "keep" else p

    def check_decay(self, decoupled: bool, weight_decay: float) -> None:
        """Raise NotApplicableError if the other form of decay is asked for than is declared."""
        if weight_decay and decoupled != (self.decay == "decoupled"):
            raise NotApplicableError(f"its weight decay is {self.decay}")
