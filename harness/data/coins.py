"""Features that have nothing to do with the label."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def irrelevant_features(
    replicates: int, n: int, features: int, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Return yes-or-no features (replicates, n, features) of n people: independent fair coins."""
    bits = np.frombuffer(rng.bytes(-(-replicates * n * features // 8)), dtype=np.uint8)
    size = replicates * n * features
    return np.unpackbits(bits, count=size).astype(bool).reshape(replicates, n, features)
