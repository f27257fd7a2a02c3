"""Which accelerator steps linear models and small nets: NumPy, or Numba from the extra `fast`.

The choice never touches a sample: data, orders, first weights and masks are drawn by the same
code either way, and the results agree up to rounding.
"""

import os
from functools import lru_cache
from importlib import util

ACCELERATORS = ("numpy", "numba")
VARIABLE = "CLAIMS_ACCELERATOR"  # auto, numpy or numba


@lru_cache(maxsize=1)
def installed() -> tuple[str, ...]:
    """Return the accelerators of this environment; nothing is imported."""
    return ACCELERATORS if util.find_spec("numba") is not None else ACCELERATORS[:1]


def chosen(name: str | None = None) -> str:
    """Return the accelerator to use: `name`, or what the environment says, or the fastest here."""
    asked = os.environ.get(VARIABLE, "auto") if name is None else name
    if asked == "auto":
        return installed()[-1]
    if asked not in ACCELERATORS:
        raise ValueError(
            f"{VARIABLE}={asked!r} is no accelerator; there are: auto, {', '.join(ACCELERATORS)}"
        )
    if asked not in installed():
        raise ValueError(f"{VARIABLE}={asked!r} is not installed; pip install '.[fast]', or auto")
    return asked
