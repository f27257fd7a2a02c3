"""A line that shows how far a long claim is; only where a person watches a terminal."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from harness.run.terminal import fit, nats
from harness.trial.conditions import Progress
from harness.unofficial import current_line_of, take_current_line_as, width_of

QUIET_SECONDS = 1.0  # a claim that is done by then needs no meter
REFRESH_SECONDS = 0.2


class Meter:
    """The line of one claim, drawn over pytest's own again and again and then taken away."""

    def __init__(self, reporter: Any, capture: Any) -> None:
        self.reporter = reporter
        self.capture = capture
        self.before = ""
        self.started = time.monotonic()
        self.drawn = 0.0

    @classmethod
    def of(cls, config: Any) -> Meter | None:
        """A meter, or None where nobody watches (no TTY, a worker of xdist, quiet mode)."""
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or hasattr(config, "workerinput") or config.option.verbose < 0:
            return None
        if not reporter.isatty:
            return None
        return cls(reporter, config.pluginmanager.get_plugin("capturemanager"))

    def __call__(self, progress: Progress) -> None:
        """Draw the progress unless it was drawn a moment ago."""
        now = time.monotonic()
        if now - self.started < QUIET_SECONDS or now - self.drawn < REFRESH_SECONDS:
            return
        text = progress_text(progress, now - self.started)
        with self._uncaptured():
            if not self.drawn:
                self.before = current_line_of(self.reporter)
            line = fit(text, width_of(self.reporter) - 1)
            self.reporter.rewrite(line, erase=True)
            self.reporter.flush()
        self.drawn = now

    def clear(self) -> None:
        """Take the line away, so that what pytest prints next stands alone."""
        if self.drawn:
            with self._uncaptured():
                # pytest writes the outcome where the cursor stands: after what stood there before.
                self.reporter.rewrite("", erase=True)
                self.reporter.rewrite(self.before)
                take_current_line_as(self.before, self.reporter)
                self.reporter.flush()

    def _uncaptured(self) -> contextlib.AbstractContextManager[None]:
        # While a test runs, pytest captures the terminal's own descriptor too.
        if self.capture is None:
            return contextlib.nullcontext()
        uncaptured: contextlib.AbstractContextManager[None] = (
            self.capture.global_and_fixture_disabled()
        )
        return uncaptured


def progress_text(progress: Progress, seconds: float) -> str:
    """Replicates done of the most that there can be, and evidence so far of what is needed.

    What matters stands first: a narrow terminal cuts the rest.
    """
    many = progress.settings > 1
    setting = f" {progress.setting + 1}/{progress.settings}" if many else ""
    evidence, needed = progress.evidence, progress.needed
    return (
        f"{progress.claim}{setting}: n={evidence.observations}/{progress.cap}, {seconds:.0f} s, "
        f"nats for {nats(evidence.confirm)}/{needed[0]:.1f}, "
        f"against {nats(evidence.refute)}/{needed[1]:.1f}"
    )
