"""Reference values: expressions with the values that they have, one a line, by module.

`python -m tests.harness.statistics.reference_values.tables` computes every value anew; a difference
that is not meant is a fault, so look at what it changed before you keep it.
"""

import dataclasses
import enum
import importlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import MethodType, ModuleType
from typing import Any

import numpy as np

from harness import statistics

FOLDER = Path(__file__).parent
ARROW = "  =>  "
RATE = 1e-6
EVERYWHERE = (
    "bernoulli", "betting", "binomial", "bounded", "counts", "exact", "identity", "evidence",
    "instances", "stopping",
)  # fmt: skip
ENGINE = Path(statistics.__path__[0])


def reference_values(module: str) -> list[tuple[str, Any]]:
    """The expressions of a module with their values; a comment begins with '#'."""
    lines = (FOLDER / f"{module}.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(ARROW) for line in lines if ARROW in line)
    return [(expression, json.loads(value)) for expression, value in pairs]


def import_engine(name: str) -> ModuleType:
    """The module of that name in harness/statistics, whichever folder it lies in."""
    (file,) = ENGINE.rglob(f"{name}.py")
    inside = file.relative_to(ENGINE).with_suffix("").parts
    return importlib.import_module(".".join(("harness.statistics", *inside)))


def modules() -> list[str]:
    """The modules that have reference values."""
    return sorted(file.stem for file in FOLDER.glob("*.txt"))


def names(module: str) -> dict[str, Any]:
    """What an expression may use: the module's own names, those of some others, numpy and math."""
    found: dict[str, Any] = {"np": np, "math": math, "inf": math.inf, "nan": math.nan, "RATE": RATE}
    for name in (*EVERYWHERE, module):
        found |= vars(import_engine(name))
    return found


def value_of(expression: str, where: dict[str, Any]) -> Any:
    """The expression's value as JSON data; what it raises is its type and message."""
    try:
        return plain(eval(expression, where))
    except (ValueError, TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


def plain(value: Any) -> Any:
    """The value as JSON data; infinities by name, a method (where a property was meant) too."""
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [plain(getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, MethodType):
        return "a method"
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def differ(found: Any, kept: Any) -> bool:
    """Whether two values differ by more than rounding: one part in 10^8, and 10^-14 in all."""
    if isinstance(kept, list):
        return (
            not isinstance(found, list) or len(found) != len(kept) or any(map(differ, found, kept))
        )
    if isinstance(kept, dict):
        return (
            not isinstance(found, dict)
            or list(found) != list(kept)
            or any(differ(found[key], kept[key]) for key in kept)
        )
    if isinstance(kept, float) and isinstance(found, float | int) and not isinstance(found, bool):
        return not math.isclose(found, kept, rel_tol=1e-8, abs_tol=1e-14)
    return type(found) is not type(kept) or bool(found != kept)


def rewrite(module: str) -> None:
    """Compute the module's values anew; a line without a value gets one."""
    file, where = FOLDER / f"{module}.txt", names(module)
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        expression = line.split(ARROW)[0]
        if line and not line.startswith("#"):
            value = json.dumps(value_of(expression, where), ensure_ascii=False)
            line = f"{expression}{ARROW}{value}"
        lines.append(line)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for _module in modules():
        rewrite(_module)
