"""Claims and sentences that cannot be tested, as pytest's items."""

import contextlib
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

import pytest

from harness.declaration.claim import Claim, Untestable
from harness.records.record import Record
from harness.run.meter import Meter
from harness.run.session import ClaimSession
from harness.run.terminal import failure_text
from harness.statistics.evidence import Verdict
from harness.workers.executors import ExecutorError
from harness.workers.scheduler import SchedulerLostError

COLUMNS = "claims_columns"
SESSION = pytest.StashKey[ClaimSession]()


class SentenceItem(pytest.Item):
    """A sentence of the book, whatever becomes of it; its record stands here once it is made."""

    def __init__(self, *, claim: Claim | Untestable, words: set[str], **options: Any) -> None:
        super().__init__(**options)
        self.claim = claim
        self.record: Record | None = None
        # -k finds a claim by its id as well as by its name.
        self.extra_keyword_matches.update({claim.id, claim.row, claim.topic, *words})

    @property
    def run(self) -> ClaimSession:
        """The run that the item belongs to."""
        return self.config.stash[SESSION]

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the sentence is declared, and its name."""
        return self.path, self.claim.line - 1, self.name


class ClaimItem(SentenceItem):
    """One claim on one device."""

    claim: Claim

    def __init__(self, *, claim: Claim, device: str, **options: Any) -> None:
        super().__init__(claim=claim, words={device}, **options)
        self.device = device

    def runtest(self) -> None:
        """Examine the claim; the item passes when the verdict is the expected one."""
        meter = Meter.of(self.config)
        try:
            record = self.record = self.run.examine(self.claim, self.device, meter)
        except (SchedulerLostError, ExecutorError) as error:
            pytest.exit(str(error), returncode=int(pytest.ExitCode.INTERRUPTED))
        finally:
            if meter is not None:
                meter.clear()
        judge(record, self.config)


class UntestableItem(SentenceItem):
    """A sentence that no experiment can settle: skipped with its reason, and on the record."""

    claim: Untestable

    def __init__(self, *, claim: Untestable, **options: Any) -> None:
        super().__init__(claim=claim, words=set(), **options)

    def runtest(self) -> None:
        """Leave the record, and say why nothing was examined."""
        self.record = self.run.list_untestable(self.claim)
        pytest.skip(f"not testable: {self.claim.reason}")


def judge(record: Record, config: pytest.Config) -> None:
    """Let the test under way pass, be skipped, fail as expected or fail, as the record says."""
    known = record.known_failure
    if record.verdict is Verdict.NOT_APPLICABLE:
        pytest.skip(
            f"not applicable: {record.error.message if record.error else 'no setting applies'}"
        )
    if known and record.as_expected:
        pytest.fail(
            f"{known['id']!r} is listed as a known failure of {known['role']!r} "
            f"({known['reason']}) but ended {record.verdict} as expected; take the entry out",
            pytrace=False,
        )
    if known:
        pytest.xfail(f"{known['reason']} (until {known['expiry']})")
    if not record.as_expected:
        pytest.fail(failure_text(record, _width(config)), pytrace=False)


def _width(config: pytest.Config) -> int:
    """The columns of the terminal, which pytest hides from a test that it captures.

    A worker of pytest-xdist has no terminal: it is told the columns of the run's.
    """
    if columns := getattr(config, "workerinput", {}).get(COLUMNS):
        return int(columns)
    capture: Any = config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
        return get_terminal_size().columns
