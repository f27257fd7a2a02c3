"""skorch behind the role of a holdout."""

from __future__ import annotations

from typing import Any

import numpy as np
from skorch.dataset import ValidSplit

from harness.declaration.not_applicable import NotApplicableError


def holdout(n: int, valid: int, rng: np.random.Generator | None = None) -> Any:
    """ValidSplit of a share, which goes by ShuffleSplit."""
    if rng is None:
        raise NotApplicableError("a share of the data is always drawn")
    made = ValidSplit(valid / n, random_state=int(rng.integers(2**31)))
    train, held = made(np.zeros((n, 1), np.float32))
    return [(np.asarray(train.indices), np.asarray(held.indices))]
