"""The rows of features and the labels that the notes print below their code.

The data are the noisy cubic of polynomial_regression.py.
"""

from __future__ import annotations

import numpy as np

from claims.polynomial_regression.experiments import polynomials, protocol
from harness.declaration.claim import Section, claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import all_hold, exactly_equal, inside_the_law

SECTION = Section("polynomial-data", "Polynomial Regression", "多项式回归", 30)
MUTANTS = "claims.polynomial_regression.faults.fits:"


@claim(
    "po-printed-rows",
    "The two printed rows of features are x^i / i! of one x each",
    zh="打印出的两行特征分别是同一个 x 的 x^i / i!",
    section=SECTION,
    source="Mu Li's notes, the printed features[:2] and poly_features[:2, :]",
    formula="x = -0.828246…, 1.400293…",
    holds=exactly_equal(),
    mutants=(
        f"polynomial_features={MUTANTS}divides_by_the_next_factorial",
        f"polynomial_features={MUTANTS}overflows_the_factorial",
    ),
    block=1,
    cost=0.001,
    devices="cpu",
)
def the_printed_rows_are_features(polynomial_features):
    printed, half_unit = polynomials.printed_features()
    found = polynomial_features(polynomials.behind_the_printed_features(), polynomials.HIGH)
    # Half a unit of the last printed digit, and the rounding to float32 before it was printed.
    return np.abs(found - printed) / (half_unit + 2.0**-24 * np.abs(printed))


@claim(
    "po-printed-rows.labels",
    "The two printed labels are the cubic at these x plus noise N(0, 0.1²)",
    zh="打印出的两个标签是这些 x 处的三阶多项式值加 N(0, 0.1²) 噪声",
    section=SECTION,
    source="Mu Li's notes, the printed labels[:2]",
    formula="2.4621 and 5.9544",
    holds=all_hold(
        first=inside_the_law(expected=0.01, cap=4096),
        second=inside_the_law(expected=0.01, cap=4096),
    ),
    mutants=(f"noisy_cubic={MUTANTS}takes_the_variance_for_the_deviation",),
    block=256,
    cost=0.001,
    devices="cpu",
)
def the_printed_labels_fit_their_rows(noisy_cubic, replicates, stream):
    at = polynomials.behind_the_printed_features()
    x, y = noisy_cubic(replicates, 2, stream.child("data").numpy())
    labels = polynomials.cubic(at) + (y - polynomials.cubic(x))
    figures = dict(zip(("first", "second"), polynomials.PRINTED_LABELS, strict=True))
    return Measured(
        protocol.inside(figures, {"first": labels[:, 0], "second": labels[:, 1]}),
        tuple(
            Histogram(
                f"The {place} label",
                f"{place_zh}标签",
                labels[:, column],
                marks={"printed": figure},
                marks_zh={"printed": "书中印出的值"},
                x_label="y",
                x_label_zh="y",
            )
            for column, (place, place_zh, figure) in enumerate(
                zip(figures, ("第一个", "第二个"), polynomials.PRINTED_LABELS, strict=True)
            )
        ),
    )
