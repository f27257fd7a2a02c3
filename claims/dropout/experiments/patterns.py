"""Dropout whose mask elements are shared: pairs of calls, of samples and of channels."""

import numpy as np
import numpy.typing as npt

from harness.metrics import dropout_masks

LAGS = (1, 2, 4)
LABELS = tuple(f"{name}, lag {lag}" for name in ("call", "sample", "unit") for lag in LAGS)


def pairs(masks: npt.NDArray[np.bool_]) -> dict[str, tuple[int, int]]:
    """{label: (agreements, pairs)} of masks (calls, samples) or (calls, samples, channels).

    Where there are no channels the samples stand for them.
    """
    axes = {"call": 0, "sample": 1, "unit": masks.ndim - 1}
    return {
        f"{name}, lag {lag}": dropout_masks.agreements(masks, axis, lag)
        for name, axis in axes.items()
        for lag in LAGS
    }
