"""Faults of the surroundings, told apart from faults of a claim: memory, workers, devices."""

import pickle
import traceback
from concurrent.futures import BrokenExecutor, CancelledError
from pathlib import Path


class WorkerDiedError(RuntimeError):
    """A worker died of a block, and died of it again alone; the message says which block."""


class BlockMemoryError(MemoryError):
    """A block does not fit in memory, even alone in a process of its own; says which block."""


class DeviceLostError(RuntimeError):
    """A device answers no more; the message says which, since when, and how to go on."""


class RemoteError(Exception):
    """Stands for an error that cannot be sent from one process to another."""

    def __init__(self, type_name: str, message: str, place: str) -> None:
        super().__init__(type_name, message, place)
        self.type_name = type_name
        self.place = place

    def __str__(self) -> str:
        """What the error said."""
        return str(self.args[1])


# What torch's and JAX's allocators say; NumPy raises MemoryError.
NO_MEMORY = (
    "can't allocate memory",
    "not enough memory",
    "out of memory",
    "RESOURCE_EXHAUSTED",
)
# After one of these a CUDA context is of no more use: every later call fails too.
DEVICE_GONE = (
    "CUDA error: an illegal",
    "CUDA error: device-side assert",
    "CUDA error: hardware stack error",
    "CUDA error: invalid program counter",
    "CUDA error: misaligned address",
    "CUDA error: no CUDA-capable device",
    "CUDA error: the launch timed out",
    "CUDA error: uncorrectable",
    "CUDA error: unknown error",
    "CUDA error: unspecified launch failure",
    "GPU is lost",
    "fallen off the bus",
)


def is_out_of_memory(error: BaseException) -> bool:
    """True for what NumPy, torch (CPU and CUDA) and JAX raise when an allocation fails."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in NO_MEMORY)


def is_lost_device(error: BaseException) -> bool:
    """True for an error after which the process cannot use its accelerator any more."""
    return isinstance(error, RuntimeError) and any(words in str(error) for words in DEVICE_GONE)


def is_lost_worker(error: BaseException) -> bool:
    """True if a block's worker died: a broken pool, or Dask's word for it."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"


def is_lost_connection(error: BaseException) -> bool:
    """True if what hands the blocks out is gone: a scheduler that closed or does not answer."""
    if isinstance(error, CancelledError):
        return True
    return type(error).__name__ in ("CommClosedError", "FutureCancelledError", "ClosedClientError")


def type_name(error: BaseException) -> str:
    """The name of the error's type, also of one that stands for another."""
    return error.type_name if isinstance(error, RemoteError) else type(error).__name__


def place_of(error: BaseException) -> str:
    """The file and line that the error was raised at; of a contract's error, in the primitive."""
    known = getattr(error, "place", None)
    if isinstance(known, str):
        return known
    frames = traceback.extract_tb((error.__cause__ or error).__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def fit_to_travel(error: Exception) -> Exception:
    """The error with its place on it, or what stands for it where it does not survive pickling."""
    place = place_of(error)
    try:
        error.place = place  # type: ignore[attr-defined]
        copy = pickle.loads(pickle.dumps(error))
        if type(copy) is type(error) and str(copy) == str(error):
            return error
    except Exception:  # a foreign type may fail in any way here
        pass
    return RemoteError(type(error).__name__, str(error), place)
