"""mlxtend behind the role of a holdout."""

from __future__ import annotations

from typing import Any

import numpy as np
from mlxtend.evaluate import RandomHoldoutSplit

from harness.declaration.not_applicable import NotApplicableError


def holdout(n: int, valid: int, rng: np.random.Generator | None = None) -> Any:
    """RandomHoldoutSplit, told the share that is held out."""
    if rng is None:
        raise NotApplicableError("it always draws")
    made = RandomHoldoutSplit(valid_size=valid / n, random_seed=int(rng.integers(2**31)))
    return [(train, part) for train, part in made.split(np.zeros((n, 1)), np.zeros(n, int))]
