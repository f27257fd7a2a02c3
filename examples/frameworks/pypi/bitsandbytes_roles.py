"""bitsandbytes behind the adapters: its AdamW with 32-bit states, for 32-bit parameters."""

from __future__ import annotations

import bitsandbytes

from harness.adapters.adapter import adapter

adamw = adapter("adamw", bitsandbytes.optim.AdamW32bit, dtypes=("float32",))
