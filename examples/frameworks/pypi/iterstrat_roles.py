"""iterative-stratification behind the role of stratified folds."""

from __future__ import annotations

from typing import Any

import numpy as np
from iterstrat.ml_stratifiers import MultilabelStratifiedKFold


def stratified_k_fold(labels: Any, k: int, rng: np.random.Generator | None = None) -> Any:
    """MultilabelStratifiedKFold of labels that exclude each other."""
    state = None if rng is None else int(rng.integers(2**31))
    made = MultilabelStratifiedKFold(n_splits=k, shuffle=rng is not None, random_state=state)
    indicators = (labels[:, None] == np.unique(labels)).astype(int)
    return list(made.split(np.zeros((len(labels), 1)), indicators))
