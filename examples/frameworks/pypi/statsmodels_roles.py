"""statsmodels behind the roles of linear regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from statsmodels.regression.linear_model import OLS


def ordinary_least_squares(X: Any, y: Any) -> Any:
    """OLS of each replicate."""
    return np.stack([OLS(one, x).fit().params for x, one in zip(X, y, strict=True)])


def minimum_norm(X: Any, y: Any) -> Any:
    """OLS by the pseudo-inverse, its default."""
    return np.stack([OLS(one, x).fit(method="pinv").params for x, one in zip(X, y, strict=True)])


def lasso(X: Any, y: Any, penalty: float) -> Any:
    """fit_regularized with the whole weight on the absolute values."""
    return np.stack([
        OLS(one, x).fit_regularized(
            alpha=penalty, L1_wt=1.0, maxiter=5000, cnvrg_tol=1e-12, zero_tol=0.0
        ).params
        for x, one in zip(X, y, strict=True)
    ])  # fmt: skip
