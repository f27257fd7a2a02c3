"""A block of a sweep: many instances of a claim, each at a setting and generator state of its own.

An instance is one call of the claim's function, for as few replicates as can show a gross fault.
It is clean if no exact statement is broken in it, and if no statistical one is refuted by it alone.
"""

import hashlib
import time
from collections import Counter

import numpy as np

from harness.blocks.capabilities import held_to
from harness.blocks.limits import limited, one_thread
from harness.blocks.streams import block_stream
from harness.blocks.task import Block, Failed, Sweeping, Task, arguments_of, plain
from harness.declaration.claim import Claim
from harness.declaration.exhibits import Measured
from harness.declaration.laws import law_of
from harness.declaration.not_applicable import NotApplicableError
from harness.failures import fit_to_travel
from harness.implementation.calls import counted_calls
from harness.implementation.named import Implementation

REDRAWN = 20  # settings per instance, where most are not applicable


def measure_sweep(claim: Claim, task: Task, sweep: Sweeping) -> Block:
    """Measure instances until one fails; a setting that does not apply is drawn again.

    None applies at which no object on trial is called: such an instance is the reference's.
    """
    started = time.perf_counter()
    root = block_stream(task.salt, claim.id, "sweep", task.device, task.index)
    law, draws = law_of(claim), root.child("settings").numpy()
    digest = hashlib.sha256()
    clean = skipped = 0
    each = claim.holds.instance
    failed: Failed | None = None
    on_trial = Implementation(task.replaced).on_trial(claim.roles)
    total: Counter[str] = Counter()
    with one_thread(), limited(task.limit, claim.id):
        while clean < sweep.instances and skipped < REDRAWN * sweep.instances:
            setting = law(draws)
            arguments = arguments_of(claim, task, setting, each, root.child(clean + skipped))
            try:
                with counted_calls() as calls, held_to(task.capability, claim.roles):
                    measured = claim.measure(**arguments)
                if on_trial and not calls:
                    raise NotApplicableError("no object on trial is called")
                test = claim.test(setting)
                observed = measured.observation if isinstance(measured, Measured) else measured
                summary = test.summarise(plain(observed))
            except NotApplicableError:
                skipped += 1
                continue
            except Exception as error:  # whatever a primitive raises
                failed = Failed(setting, None, fit_to_travel(error))
                total.update(calls)
                break
            total.update(calls)
            digest.update(summary.tobytes())
            if test.refuting(summary) >= sweep.level:
                failed = Failed(setting, test.evidence(summary, 0.05, 0.05))
                break
            clean += 1
    counted = np.array([clean, skipped], dtype=np.float64)
    seconds = time.perf_counter() - started
    return Block(task.index, counted, digest.digest(), (), seconds, failed, dict(total))
