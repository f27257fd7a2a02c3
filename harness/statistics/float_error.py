"""Rounding bounds: how far an exact identity may be missed in floating point, and no further."""

# Half the distance from 1 to the next number, by the name that torch and numpy print.
UNIT_ROUNDOFF = {
    "float64": 2.0**-53,
    "float32": 2.0**-24,
    "float16": 2.0**-11,
    "bfloat16": 2.0**-8,
}


def unit_roundoff(dtype: object) -> float:
    """u of a dtype given as a name, a numpy dtype or type, or a torch dtype.

    fl(x op y) = (x op y)(1 + d) with |d| <= u (Higham 2002, Eq. 2.4).
    """
    name = getattr(dtype, "__name__", None) or str(dtype)
    name = name.rsplit(".", 1)[-1]
    if name not in UNIT_ROUNDOFF:
        known = ", ".join(UNIT_ROUNDOFF)
        raise ValueError(f"dtype={dtype!r} has no known unit roundoff; there are: {known}")
    return UNIT_ROUNDOFF[name]


def gamma(k: int, dtype: object = "float64") -> float:
    """The relative error bound of k roundings: gamma_k = k u / (1 - k u).

    Higham (2002), Lemma 3.1: prod_{i<=k} (1 + d_i)^(+-1) = 1 + t with |t| <= gamma_k if k u < 1.
    For sums and inner products of n terms it bounds |error| by gamma_n times the sum of the
    absolute values (Eq. 3.5), in whatever order they are added.
    """
    product = k * unit_roundoff(dtype)
    if k < 0 or product >= 1:
        raise ValueError(f"k={k!r} roundings in {dtype!r}: 0 <= k u < 1 is needed; use more bits")
    return product / (1 - product)
