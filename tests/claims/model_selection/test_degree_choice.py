"""The choice of a degree on the noisy cubic, against polyfit on one replicate at a time."""

import numpy as np
import numpy.typing as npt

from claims.model_selection.experiments import degree_choice
from harness.blocks.streams import Stream
from harness.data.synthetic import noisy_cubic
from harness.primitives.folds import holdout
from harness.training.exact.least_squares import fit_least_squares
from harness.training.model_selection import select_model

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
STREAM = Stream(b"degree choice")


def test_the_chosen_degree_has_the_least_error_on_the_held_out_half() -> None:
    x, y, train = degree_choice.candidates(noisy_cubic, fit_least_squares, 3, STREAM, 60)
    ((fitted, held),) = holdout(60, 30)

    selection = degree_choice.selected(select_model, x, y, [(fitted, held)], train)

    for r in range(3):
        errors = [_error(x[r, :, 0], y[r], fitted, held, degree) for degree in range(1, 13)]
        assert selection.chosen[r] == np.argmin(errors)


def test_each_replicate_is_judged_by_its_own_degree_on_fresh_examples() -> None:
    x, y, train = degree_choice.candidates(noisy_cubic, fit_least_squares, 3, STREAM, 60)
    part, chosen = np.arange(40), np.array([0, 4, 0])

    found = degree_choice.fresh_errors(train, x, y, part, chosen, 25, noisy_cubic, STREAM)

    fresh, labels = noisy_cubic(3, 25, STREAM.child("fresh").numpy())
    for r, degree in enumerate((1, 5, 1)):
        both = np.append(x[r, part, 0], fresh[r]), np.append(y[r, part], labels[r])
        error = _error(*both, np.arange(40), np.arange(40, 65), degree)
        np.testing.assert_allclose(found[r], error, rtol=1e-8)


def _error(x: Array, y: Array, fitted: Rows, held: Rows, degree: int) -> float:
    """The mean squared error on the held-out rows of one replicate."""
    fit = np.polynomial.Chebyshev.fit(x[fitted], y[fitted], degree)
    return float(np.square(fit(x[held]) - y[held]).mean())
