"""galore-torch behind the adapters: its AdamW with no projection."""

from __future__ import annotations

from functools import partial

from galore_torch import GaLoreAdamW

from harness.adapters.adapter import adapter

adamw = adapter("adamw", partial(GaLoreAdamW, eps=1e-8, no_deprecation_warning=True))
