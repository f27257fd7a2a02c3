"""Numbers as both languages print them."""

import math
from collections.abc import Sequence

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
THIN_SPACE = "\u202f"
INFINITE = 1e300  # a record's JSON has no infinity: an exact violation is the largest float
PLAIN = (1e-4, 1e6)  # numbers in between are written without a power of ten


def number(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits: 1.003, −0.02, 2.4×10⁻⁶; a dash for None."""
    if value is None or math.isnan(value):
        return "–"
    if abs(value) > INFINITE:
        return "∞" if value > 0 else "−∞"
    if PLAIN[0] <= abs(value) < PLAIN[1]:
        digits = max(digits, math.floor(math.log10(abs(value))) + 1)
    text = f"{value or 0.0:.{digits}g}"  # no -0
    mantissa, _, exponent = text.partition("e")
    if exponent:
        return f"{mantissa}×10{str(int(exponent)).translate(SUPERSCRIPT)}".replace("-", "−")
    return text.replace("-", "−")


def count(value: int | None) -> str:
    """A whole number with thin spaces between the thousands."""
    return "–" if value is None else f"{value:,}".replace(",", THIN_SPACE)


def nats(value: float | None) -> str:
    """Evidence in nats, of which a record leaves out what is infinite."""
    return "∞" if value is None else number(value, 3)


def interval(ends: Sequence[float | None] | None, digits: int = 4) -> str:
    """'[0.998, 1.002]', with infinite ends for None."""
    if ends is None:
        return "–"
    low, high = ends
    left = "(−∞" if low is None else f"[{number(low, digits)}"
    right = "∞)" if high is None else f"{number(high, digits)}]"
    return f"{left}, {right}"


def seconds(value: float | None) -> str:
    """A duration in the unit that suits it: 12 ms, 3.2 s, 4 min 10 s."""
    if value is None:
        return "–"
    if value < 1:
        return f"{1000 * value:.3g} ms" if value >= 0.001 else f"{1e6 * value:.3g} µs"
    if value < 100:
        return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def thinned(length: int, most: int) -> list[int]:
    """At most `most` indices of a sequence, evenly spread, both ends among them."""
    if length <= most:
        return list(range(length))
    step = (length - 1) / (most - 1)
    return [round(index * step) for index in range(most)]
