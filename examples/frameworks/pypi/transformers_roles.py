"""transformers behind the adapters: schedules, norms, losses, activations, groups."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from examples.frameworks.pypi import torchvision_kernels  # noqa: F401  # before transformers
from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError

from transformers import optimization  # isort: skip
from transformers.activations import ACT2FN  # isort: skip
from transformers.loss.loss_utils import ForCausalLMLoss  # isort: skip
from transformers.models.llama.modeling_llama import LlamaRMSNorm  # isort: skip
from transformers.models.t5.modeling_t5 import T5LayerNorm  # isort: skip
from transformers.trainer_pt_utils import get_parameter_names  # isort: skip

IN_FLOAT32 = ("float32", "bfloat16", "float16")  # what computes in float32 whatever it is given
relu = adapter("relu", ACT2FN["relu"])
sigmoid = adapter("sigmoid", ACT2FN["sigmoid"])
tanh = adapter("tanh", ACT2FN["tanh"])


def _norm(of: Any) -> Any:
    return lambda width, eps, device, dtype: of(width, eps=eps).to(device=device, dtype=dtype)


llama_rms_norm = adapter("rms_norm", _norm(LlamaRMSNorm), dtypes=IN_FLOAT32)
t5_rms_norm = adapter("rms_norm", _norm(T5LayerNorm), dtypes=IN_FLOAT32)


def _linear(optimizer: Any, total: int, warmup: int, floor: float) -> Any:
    if floor:
        raise NotApplicableError("it falls to 0")
    return optimization.get_linear_schedule_with_warmup(optimizer, warmup, total)


def _cosine(optimizer: Any, total: int, warmup: int, floor: float) -> Any:
    return optimization.get_cosine_with_min_lr_schedule_with_warmup(
        optimizer, warmup, total, min_lr=floor
    )


def _wsd(optimizer: Any, total: int, warmup: int, floor: float) -> Any:
    peak = optimizer.param_groups[0]["lr"]
    return optimization.get_wsd_schedule(
        optimizer, warmup, total - warmup, num_training_steps=total, min_lr_ratio=floor / peak
    )


linear_schedule = adapter("lr_schedule", _linear)
cosine_schedule = adapter("lr_schedule", _cosine)
wsd_schedule = adapter("lr_schedule", _wsd)


def decay_groups(net: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """The groups of its Trainer: neither biases nor layer norms decay."""
    forbidden = [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]
    names = get_parameter_names(net, [nn.LayerNorm], forbidden)
    named = {name: w for name, w in net.named_parameters() if w.requires_grad}
    return [
        {"params": [w for n, w in named.items() if n in names], "weight_decay": weight_decay},
        {"params": [w for n, w in named.items() if n not in names], "weight_decay": 0.0},
    ]


def token_loss(logits: Tensor, labels: Tensor, lengths: Tensor, ignored: int = -100) -> Tensor:
    """The loss of its causal language models; padding gets the label that is ignored."""
    padding = torch.arange(labels.shape[1]) >= lengths.unsqueeze(1)
    found: Tensor = ForCausalLMLoss(
        logits, None, logits.shape[-1], ignore_index=ignored,
        shift_labels=labels.masked_fill(padding, ignored),
    )  # fmt: skip
    return found


token_loss.dtypes = IN_FLOAT32  # type: ignore[attr-defined]
