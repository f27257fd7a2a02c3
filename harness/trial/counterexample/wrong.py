"""An object that its name finds without this package, and whether a call of it is clearly wrong.

Only roles whose arguments settle the result have a right one, and dropout, whose kept values are
settled.
"""

import importlib
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.declaration.roles import ROLES
from harness.implementation.named import load
from harness.trial.counterexample.cutting import Arguments, copied

STEPS = frozenset({"adam", "adamw", "momentum_sgd", "nesterov_sgd"})  # return (parameters, state)
SETTLED = STEPS | {
    "sgd", "clipped_sgd", "clip_gradient_norm", "l2_penalty", "mean_loss", "squared_loss",
    "mean_over_microbatches", "smoothed_cross_entropy", "relu", "sigmoid", "tanh",
    "scaled_sigmoid", "polynomial_features", "sine_classifier",
}  # fmt: skip
RELATIVE, ABSOLUTE = 1e-4, 1e-6
HALF_PRECISION = 1e-2  # relative, of 16-bit results
OURS = ("harness.", "claims.", "chapter_and_verse.")


@dataclass(frozen=True)
class OnTrial:
    """The object of a role, and "module:attr" that finds it."""

    role: str
    target: str
    thing: Any

    @property
    def steps(self) -> bool:
        """Whether it returns a state beside its result."""
        return self.role in STEPS

    def returned(self, given: Arguments) -> Any:
        """What it returns, of a step the parameters; the arguments stay as they are."""
        return self._result(self.thing, given)

    def right(self, given: Arguments, got: Any) -> Any:
        """What the role says of the call; of dropout, what every value that it keeps must be."""
        if self.role != "dropout":
            return self._result(load(self.role, ROLES[self.role]), given)
        import torch

        (h, p, *_), options = given
        training = options.get("training", given[0][3] if len(given[0]) > 3 else True)
        if not training or p == 0:
            return h
        return torch.where(got == 0, got, h / (1 - p)) if p < 1 else torch.zeros_like(h)

    def differs(self, given: Arguments) -> bool:
        """Whether what it returns is clearly wrong; what raises on either side is not."""
        try:
            got = self.returned(given)
            return not _close(got, self.right(given, got))
        except Exception:  # the arguments have been cut to what one of the two refuses
            return False

    def _result(self, thing: Any, given: Arguments) -> Any:
        arguments, options = copied(given)
        returned = thing(*arguments, **options)
        return returned[0] if self.steps else returned


def found(role: str, target: str) -> OnTrial | None:
    """The object, where its role settles a result and its module does without this package."""
    module, _, name = target.partition(":")
    settled = role in SETTLED or role == "dropout"
    if not settled or module.startswith(OURS) or module == "__main__" or "." in name:
        return None
    try:
        thing = load(role, target)
        text = source_of(module).read_text(encoding="utf-8")
    except Exception:  # found by no name, or a module without a file
        return None
    made_here = (getattr(thing, "__module__", "") or "").startswith(OURS)
    ours = made_here or "chapter_and_verse" in text or "harness." in text
    return None if ours else OnTrial(role, target, thing)


def source_of(module: str) -> Path:
    """The file of the module."""
    return Path(inspect.getfile(importlib.import_module(module))).resolve()


def relative_room(right: Any) -> float:
    """By how much of itself a result may be off and still not be clearly wrong."""
    return HALF_PRECISION if getattr(right, "itemsize", 8) == 2 else RELATIVE


def _close(got: Any, right: Any) -> bool:
    import torch

    if isinstance(right, list | tuple):
        return len(got) == len(right) and all(map(_close, got, right))
    got, right = torch.as_tensor(got), torch.as_tensor(right)
    if got.shape != right.shape or got.dtype != right.dtype or not right.numel():
        return True  # of another kind than a wrong number
    room = relative_room(right)
    return torch.allclose(got.double(), right.double(), room, ABSOLUTE, equal_nan=True)
