"""torchvision importable beside a torch without GPU.

Its wheel in the registry is compiled for a GPU's torch. Beside another the compiled part does not
load, and the import fails for two operators that it looks up by name. They are declared here where
it fails, and nothing that is judged calls them.
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec

import torch

LOOKED_UP = ("nms", "qnms")
DECLARED = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]

if find_spec("torchvision"):  # for some packages it is optional
    try:
        importlib.import_module("torchvision")
    except RuntimeError:
        for _name in LOOKED_UP:
            schema = f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            DECLARED.define(schema)  # type: ignore[no-untyped-call]
