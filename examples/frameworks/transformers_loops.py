"""Hugging Face's Trainer as a training function."""

from __future__ import annotations

import tempfile
from typing import Any

from torch import Tensor, nn
from torch.nn import functional
from transformers import Trainer, TrainerCallback, TrainingArguments

from harness.adapters.adapter import adapter


class Model(nn.Module):
    """A net that takes its inputs by name."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, X: Tensor) -> Any:
        """The logits."""
        return self.net(X)


class Stops(TrainerCallback):  # type: ignore[misc]
    """Ends a run after so many steps, with a checkpoint."""

    def __init__(self, after: int) -> None:
        self.after = after

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Save and stop."""
        if state.global_step == self.after:
            control.should_save = control.should_training_stop = True


def fit(
    net: nn.Module, batches: Any, lr: float, parts: int = 1, resumed: int | None = None,
    evaluated: bool = False,
) -> list[float]:  # fmt: skip
    """An example is a micro-batch; a run to resume ends early and leaves a checkpoint."""
    cut = [
        {"X": rows, "labels": labels}
        for X, y in batches
        for rows, labels in zip(X.tensor_split(parts), y.tensor_split(parts), strict=True)
    ]
    losses = list[float]()

    def mean(logits: Tensor, y: Tensor, num_items_in_batch: Tensor) -> Tensor:
        """A part's share of the mean over what counts in all parts of its batch."""
        loss = functional.cross_entropy(logits, y, reduction="sum").div(num_items_in_batch)
        if net.training:
            losses.append(loss.item())
        return loss

    with tempfile.TemporaryDirectory() as folder:
        told = TrainingArguments(
            folder, max_steps=len(batches), learning_rate=lr, gradient_accumulation_steps=parts,
            per_device_train_batch_size=1, train_sampling_strategy="sequential", warmup_steps=1,
            weight_decay=0.1, eval_strategy="steps" if evaluated else "no", eval_steps=1,
            prediction_loss_only=True, label_names=["labels"], save_strategy="no",
            logging_strategy="no", report_to="none", use_cpu=True, disable_tqdm=True,
            remove_unused_columns=False,
        )  # fmt: skip
        for stops in ([Stops(resumed)], []) if resumed else ([],):
            trainer = Trainer(
                Model(net), told, train_dataset=cut, eval_dataset=cut, callbacks=stops,
                data_collator=lambda examples: examples[0], compute_loss_func=mean,
            )  # fmt: skip
            trainer.train(resume_from_checkpoint=bool(resumed and not stops))
    return [sum(losses[i : i + parts]) for i in range(0, len(losses), parts)]


trainer = adapter("trainer", fit)
