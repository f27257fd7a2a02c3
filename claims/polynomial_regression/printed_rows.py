"""The rows of features and the labels that the notes print below their code.

The data are the noisy cubic of polynomial_regression.py.
"""

import numpy as np

from claims.polynomial_regression.experiments import polynomials
from harness.declaration.claim import claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import exactly_equal, inside_the_law
from harness.text import Text


@claim(
    "po-printed-rows",
    "The two printed rows of features are x^i / i! of one x each",
    "打印出的两行特征，每一行都是某一个 x 的 x^i / i!",
    source="Mu Li's notes, the printed features[:2] and poly_features[:2, :]",
    formula="x = -0.828246…, 1.400293…",
    holds=exactly_equal(),
)
def the_printed_rows_are_features(polynomial_features):
    printed, half_unit = polynomials.printed_features()
    found = polynomial_features(polynomials.behind_the_printed_features(), polynomials.HIGH)
    # Half a unit of the last printed digit, and the rounding to float32 before it was printed.
    return np.abs(found - printed) / (half_unit + 2.0**-24 * np.abs(printed))


@claim(
    "po-printed-rows.labels",
    "The two printed labels are the cubic at these x plus noise N(0, 0.1²)",
    "打印出的两个标签是这些 x 处的三阶多项式值加 N(0, 0.1²) 噪声",
    source="Mu Li's notes, the printed labels[:2]",
    formula="2.4621 and 5.9544",
    # Jointly, by the sum of the two squared residuals: 1.53² + .45² = 2.5 of σ², a χ² of 2.
    holds=inside_the_law(expected=0.02, cap=4096),
)
def the_printed_labels_fit_their_rows(noisy_cubic, replicates, stream):
    at = polynomials.behind_the_printed_features()
    x, y = noisy_cubic(replicates, 2, stream.child("data").numpy())
    labels = polynomials.cubic(at) + (y - polynomials.cubic(x))
    figures = dict(zip(("first", "second"), polynomials.PRINTED_LABELS, strict=True))
    printed, found = (
        np.square(both - polynomials.cubic(at)).sum(axis=-1)
        for both in (np.array(polynomials.PRINTED_LABELS), labels)
    )
    return Measured(
        {"below": found <= printed, "above": found >= printed},
        *(
            Histogram(
                Text(f"The {place} label", f"{place_zh}标签"),
                labels[:, column],
                marks={Text("printed", "书中印出的值"): figure},
                x_label=Text("y", "y"),
            )
            for column, (place, place_zh, figure) in enumerate(
                zip(figures, ("第一个", "第二个"), polynomials.PRINTED_LABELS, strict=True)
            )
        ),
    )
