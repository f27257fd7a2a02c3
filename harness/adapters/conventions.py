"""What frameworks disagree on: declared for an adapter, then held by the claims."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.declaration.not_applicable import NotApplicableError

DTYPES = ("float64", "float32", "bfloat16", "float16")


def checked_dtypes(dtypes: Sequence[str]) -> tuple[str, ...]:
    """The names of the only dtypes that an object is for; raises ValueError for other names."""
    named = isinstance(dtypes, tuple | list) and all(name in DTYPES for name in dtypes)
    if not named or not dtypes:
        raise ValueError(
            f"dtypes={dtypes!r} does not name dtypes; give those that the object is for, "
            f"such as ('float32',), out of {', '.join(DTYPES)}"
        )
    return tuple(dtypes)


def checked_share(least_share: float) -> float:
    """The smallest part that an object's claims exclude; raises ValueError for no part."""
    if not isinstance(least_share, int | float) or not 0 <= least_share < 1:
        raise ValueError(
            f"least_share={least_share!r} is no part of all settings and generator states; "
            "give a number from 0 up to 1, such as 0.5 for what is compiled anew for each shape"
        )
    return float(least_share)


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
