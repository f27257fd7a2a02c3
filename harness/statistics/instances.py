"""A share that may fail unnoticed: how many clean instances rule out that more of them fail.

A sentence about every instance (input, setting, call, generator state, net) that is false in a
part q of them passes n independent ones unseen with probability (1 - q)^n. So n clean instances
are (1 - q)^-n to one against "it fails in a part q or more", whatever fails; one violation is
proof that the sentence is not universal.
"""

import math

from harness.statistics.evidence import Evidence

MOST = 1_000_000  # instances: a share that takes more is a mistake


def instances_for(share: float, alpha: float) -> int:
    """Independent clean instances after which a failing part of `share` is excluded at alpha.

    The smallest n with (1 - share)^n <= alpha: 2 062 at 1 % and 1e-9, 20 713 at 0.1 %.
    Raises ValueError for a share outside (0, 1), or one that takes more than `MOST` instances.
    """
    if not 0 < share < 1:
        raise ValueError(
            f"share={share!r}: the part of all instances that may fail unnoticed lies between 0 "
            "and 1; write 0.01 for one in a hundred"
        )
    each, needed = -math.log1p(-share), math.log(1 / alpha)
    if needed > MOST * each:
        raise ValueError(
            f"share={share:g} takes {needed / each:.2g} instances at an error rate of {alpha:.2g}, "
            f"more than the {MOST:,} that a claim may ask for; give at least "
            f"{unseen_share(MOST, alpha):.1g}"
        )
    count = math.ceil(needed / each)
    return count if count * each >= needed else count + 1  # as evidence is compared


def unseen_share(instances: int, alpha: float) -> float:
    """The share that so many clean instances exclude at alpha: 1 - alpha^(1/n).

    It is the upper end of Clopper and Pearson's (1934) one-sided interval for no failure in n.
    """
    return -math.expm1(math.log(alpha) / instances)


def evidence_of_clean(instances: int, share: float, alpha: float) -> Evidence:
    """What so many instances without a failure say about the part that fails."""
    return Evidence(
        observations=instances,
        estimate=0.0,
        interval=(0.0, unseen_share(instances, alpha) if instances else 1.0),
        confirm=-instances * math.log1p(-share),
        refute=0.0,
        name="share",
    )
