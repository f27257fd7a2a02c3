"""What frameworks disagree on: declared at a door, then held by the claims."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Conventions:
    """What the object means by its rate, its weights' axes and its weight decay."""

    rate: str = "drop"
    layout: str = "out, in"
    decay: str = "coupled"
