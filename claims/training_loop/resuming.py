"""A run that is saved and goes on: k steps and n - k more are n steps, bit for bit."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from claims.training_loop.experiments import resumable
from harness.declaration.claim import claim
from harness.declaration.relations import always_true
from harness.declaration.strategies import counts, dtypes
from harness.metrics import arrays
from harness.metrics.gradient_steps import normal
from harness.text import Text


@claim(
    "tl-resume",
    "A run that is saved after k steps and loaded goes on bit for bit: data, rate, parameters and "
    "memory; saving leaves it as it was",
    "在 k 步后保存并载入的训练逐位一致地继续：数据、学习率、参数与优化器状态；保存不改变原训练",
    source='d2l, "File I/O": save intermediate results so as not to lose several days of training',
    formula="k + (n - k) steps = n steps, bit for bit",
    given={
        "before": counts(0, 3), "optimizer": st.sampled_from(["momentum", "adamw"]),
        "dtype": dtypes("float32", "float64"),
    },
    always=(
        {"before": 3, "optimizer": "adamw", "dtype": "float32"},
        {"before": 2, "optimizer": "momentum", "dtype": "float64"},
        {"before": 0, "optimizer": "adamw", "dtype": "float64"},
    ),
    holds=replace(
        always_true(), words=Text("both runs are equal bit for bit", "两次训练逐位相等")
    ),
)  # fmt: skip
def a_resumed_run_goes_on_bit_for_bit(resume, before, optimizer, dtype, stream, device):
    shape = (resumable.EXAMPLES, resumable.WIDTH)
    data = normal(stream.child("data"), shape, dtype, device)
    running, left, fresh = (
        resumable.run_of(optimizer, dtype, stream.child(name), device)
        for name in ("run", "run", "new")
    )
    for _ in range(before):
        for run in (running, left):
            resumable.step(run, data)

    resume(running, fresh)

    answers = [np.zeros(1)]
    for _ in range(2):
        right, *found = (resumable.step(run, data) for run in (left, running, fresh))
        for one in found:
            answers += [arrays.mismatch(two, other) for two, other in zip(one, right, strict=True)]
    return np.concatenate([one.ravel() for one in answers])
