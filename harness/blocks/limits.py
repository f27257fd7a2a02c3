"""What bounds a block: one torch thread, and a time after which it is stopped."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

from harness.implementation.contracts import BlockTimeoutError
from harness.unofficial import raise_in_thread

_measuring = 0
_threads_before: int  # when the first of those that measure now began
_counting = threading.Lock()


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """One torch thread: sums in another order are other samples, and verdicts must not differ.

    The number is one for the process, so that the last block to end sets it back.
    """
    global _measuring, _threads_before
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    with _counting:
        if _measuring == 0:
            _threads_before = torch.get_num_threads()
        _measuring += 1
        if torch.get_num_threads() != 1:
            torch.set_num_threads(1)
    try:
        yield
    finally:
        with _counting:
            _measuring -= 1
            if _measuring == 0 and _threads_before != 1:
                torch.set_num_threads(_threads_before)


def limited(seconds: float, claim: str) -> contextlib.AbstractContextManager[None]:
    """Stop a block that never returns: by a signal, or in another thread by an exception."""
    message = (
        f"a block of {claim!r} did not return within {seconds:g} s; "
        "give it longer with --claims-block-limit or find what hangs"
    )
    if seconds > 0 and threading.current_thread() is not threading.main_thread():
        return watched(seconds, message)
    if seconds > 0 and hasattr(signal, "setitimer"):
        return alarmed(seconds, message)
    return contextlib.nullcontext()


@contextlib.contextmanager
def alarmed(seconds: float, message: str) -> Iterator[None]:
    """An alarm that raises in the main thread."""

    def expire(*_: object) -> None:
        raise BlockTimeoutError(message)

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def watched(seconds: float, message: str) -> Iterator[None]:
    """A timer that raises in this thread, which is not the main one."""
    thread = threading.get_ident()
    ending = threading.Lock()
    ended = False

    def expire() -> None:
        with ending:
            if not ended:
                raise_in_thread(thread, BlockTimeoutError)

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    except BlockTimeoutError:
        raise BlockTimeoutError(message) from None
    finally:
        with ending:
            ended = True
        timer.cancel()
