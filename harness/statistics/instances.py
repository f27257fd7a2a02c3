"""A share that may fail unnoticed: how many clean instances rule out that more of them fail.

A sentence about every instance (input, setting, call, generator state, net) that is false in a
part q of them passes n independent ones unseen with probability (1 - q)^n. So n clean instances
are (1 - q)^-n to one against "it fails in a part q or more", whatever fails; one violation is
proof that the sentence is not universal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Generic:
    """The share that a polynomial identity's degree vouches for, at points drawn at random.

    A false identity of total degree `degree` holds at a point drawn uniformly from S^n with
    probability at most degree / |S| (Schwartz 1980, Lemma 1; Zippel 1979), so that it fails in a
    part 1 - degree / |S| of all points at least; `range` is |S|.
    """

    degree: int
    range: int

    def __post_init__(self) -> None:
        if not 1 <= self.degree < self.range:
            raise ValueError(
                f"degree={self.degree!r}, range={self.range!r}: 1 <= degree < range is needed; "
                "draw each coordinate from more values than the identity has degrees"
            )


Share = float | Generic


def nats_of(share: Share) -> float:
    """The evidence of one clean instance, ln 1 / (1 - share)."""
    if isinstance(share, Generic):
        return math.log(share.range / share.degree)
    if not 0 < share < 1:
        raise ValueError(
            f"share={share!r}: the part of all instances that may fail unnoticed lies between 0 "
            "and 1; write 0.01 for one in a hundred"
        )
    return -math.log1p(-share)


def part_of(share: Share) -> float:
    """The share as a number."""
    return 1 - share.degree / share.range if isinstance(share, Generic) else share


def instances_for(share: Share, alpha: float) -> int:
    """Independent clean instances after which a failing part of `share` is excluded at alpha.

    The smallest n with (1 - share)^n <= alpha: 2 062 at 1 % and 1e-9, 20 713 at 0.1 %.
    """
    each, needed = nats_of(share), math.log(1 / alpha)
    count = math.ceil(needed / each)
    return count if count * each >= needed else count + 1  # as `decide` will compare them


def affordable_share(instances: int, alpha: float) -> float:
    """The smallest share that so many clean instances exclude at alpha: 1 - alpha^(1/n)."""
    return -math.expm1(math.log(alpha) / instances)


def check_instances(instances: int, share: Share, alpha: float, what: str = "instances") -> None:
    """Refuse fewer independent instances (calls, settings, generator states) than a share asks."""
    needed = instances_for(share, alpha)
    if instances < needed:
        raise ValueError(
            f"share={part_of(share):.6g} takes {needed} {what} at alpha={alpha:.3g}, more than "
            f"the {instances} that there are; take so many, or declare the share that they "
            f"afford, {affordable_share(instances, alpha):.2g}"
        )


def draws_per_call(observations: int, share: Share, alpha: float) -> int:
    """The most draws that one call may give, so that a sample comes from enough calls.

    Elements of one call share their generator state, and are one instance together.
    """
    check_instances(observations, share, alpha, "draws")
    return observations // instances_for(share, alpha)
