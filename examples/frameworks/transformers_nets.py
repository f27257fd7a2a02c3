"""GPT-2 of Hugging Face's transformers, as a run from its configuration begins."""

from __future__ import annotations

from typing import Any

import torch

from examples.frameworks.pypi import torchvision_kernels  # noqa: F401  # before transformers
from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError

from transformers import GPT2Config, GPT2LMHeadModel  # isort: skip


def _gpt2(net: Any, layers: int) -> None:
    """A model of theirs is made, and its numbers copied by their names; matrices lie turned."""
    words, places = net.transformer["wte"], net.transformer["wpe"]
    if words.padding_idx is not None:
        raise NotApplicableError("its embeddings have no padding")
    made = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=words.num_embeddings, n_positions=places.num_embeddings,
            n_embd=words.embedding_dim, n_layer=layers, n_head=4,
            bos_token_id=None, eos_token_id=None,
            tie_word_embeddings=net.lm_head.weight is words.weight,
        )
    )  # fmt: skip
    theirs = dict(made.named_parameters())
    with torch.no_grad():
        for name, w in net.named_parameters():
            turned = name.startswith("transformer.h.") and w.dim() > 1
            w.copy_(theirs[name].T if turned else theirs[name])


gpt2 = adapter("module_init", _gpt2)
