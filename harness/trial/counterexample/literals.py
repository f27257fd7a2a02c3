"""Values as literals of a program that has imported torch, and numpy as np."""

import math
from typing import Any

SEEDED = "torch.Generator()"  # its default seed is fixed


def literal(value: Any) -> str:
    """The value as it is written in the program; of a generator, one with a seed."""
    import numpy as np
    import torch

    if isinstance(value, torch.Tensor):
        plain = value.dtype in (torch.float32, torch.int64, torch.bool)
        return f"torch.tensor({_list(value)}{'' if plain else f', dtype={value.dtype}'})"
    if isinstance(value, np.ndarray):
        return f"np.array({_list(value)}, dtype='{value.dtype}')"
    if isinstance(value, list | tuple):
        inside = ", ".join(map(literal, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside},)"
    if isinstance(value, torch.Generator):
        return SEEDED
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    return repr(value)


def _list(array: Any) -> str:
    """The values in brackets, each as short as its dtype allows: 0.8, not 0.800000012."""
    import numpy as np

    short = np.float64 if array.dtype.itemsize == 8 else np.float32

    def shortest(item: Any) -> str:
        if isinstance(item, list):
            return f"[{', '.join(map(shortest, item))}]"
        if isinstance(item, float):
            return str(short(item)) if math.isfinite(item) else f"float('{item}')"
        return repr(item)

    return shortest(array.tolist())
