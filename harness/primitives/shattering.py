"""Which labelings of a few points a class of functions can realise: the perceptron, and a sine."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]


def linearly_separable(points: npt.NDArray[Any], labels: npt.NDArray[Any]) -> Flags:
    """Return, for each row, whether a perceptron with bias separates its points strictly (R,).

    points (R, n, d), labels (R, n) booleans. Separable means that some w, b have w.x + b > 0 where
    the label is true and < 0 elsewhere; after scaling, that y (w.x + b) >= 1 has a solution
    (y = +-1), which a linear programme decides. Points whose separating margin is below 1e-7 of
    their size are at the mercy of the solver's tolerance.
    """
    points = np.asarray(points, dtype=np.float64)
    return np.array(
        [_feasible(p, y) for p, y in zip(points, np.asarray(labels, dtype=bool), strict=True)]
    )


def _feasible(points: npt.NDArray[np.float64], labels: Flags) -> bool:
    from scipy.optimize import linprog

    n, d = points.shape
    sign = np.where(labels, 1.0, -1.0)[:, None]
    rows = -sign * np.concatenate([points, np.ones((n, 1))], axis=1)
    found = linprog(np.zeros(d + 1), rows, -np.ones(n), bounds=(None, None), method="highs")
    if found.status not in (0, 2):  # solved, infeasible
        raise RuntimeError(f"the linear programme of {n} points ended with: {found.message}")
    return bool(found.status == 0)


def sine_classifier(x: npt.NDArray[Any], a: npt.NDArray[Any]) -> Flags:
    """Return 1{sin(a x) > 0} (R, n) for points x (n,) and R values of the one parameter a (R,)."""
    positive: Flags = np.sin(np.multiply.outer(a, x)) > 0
    return positive
