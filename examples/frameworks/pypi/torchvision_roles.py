"""torchvision behind the adapters."""

from __future__ import annotations

from examples.frameworks.pypi import torchvision_kernels  # noqa: F401  # before torchvision
from harness.adapters.adapter import adapter

import torchvision  # isort: skip

path_dropout = adapter(
    "path_dropout",
    lambda h, p, training: torchvision.ops.stochastic_depth(h, p, "row", training),
)
