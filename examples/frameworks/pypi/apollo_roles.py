"""apollo-torch behind the adapters: its AdamW with no projection."""

from __future__ import annotations

from functools import partial

from apollo_torch import APOLLOAdamW

from harness.adapters.adapter import adapter

adamw = adapter("adamw", partial(APOLLOAdamW, eps=1e-8, no_deprecation_warning=True))
