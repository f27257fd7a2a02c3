"""The thin top: pytest options, items, header, progress and summary."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from harness import devices
from harness.declaration.claim import Claim, ClaimError, Untestable
from harness.declaration.profiles import PROFILES
from harness.declaration.texts import salt_of_the_texts
from harness.environment import packages
from harness.implementation.named import ImplementationError
from harness.implementation.user_file import UserFileError
from harness.records.record import Record
from harness.run.options import SessionError, options_of
from harness.run.session import ClaimSession
from harness.run.terminal import Meter, failure_text, summary_lines
from harness.statistics.evidence import Verdict
from harness.workers.executors import ExecutorError
from harness.workers.scheduler import SchedulerLostError

SESSION = pytest.StashKey[ClaimSession]()
RECORDS = pytest.StashKey[list[dict[str, Any]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Every option has the one prefix; each names its default and unit."""
    group = parser.getgroup("claims", "claims of the chapter on trial")
    add = group.addoption
    add(
        "--claims-profile",
        metavar="NAME",
        default=os.environ.get("CLAIMS_PROFILE", "ci"),
        help=f"how many settings are drawn: {', '.join(PROFILES)} (default: ci), at the same "
        "rates; quick is for an implementation of your own, and trains nothing with it",
    )
    add(
        "--claims-salt",
        metavar="TEXT",
        default=os.environ.get("CLAIMS_SALT", salt_of_the_texts()),
        help="text from which every random stream is derived (default: a digest of the claims' own "
        "texts, so that a claim that is changed is judged on fresh samples)",
    )
    add(
        "--claims-device",
        metavar="NAME",
        action="append",
        default=None,
        help="cpu, cuda, cuda:N or all; repeatable (default: all that are there)",
    )
    add(
        "--claims-implementation",
        metavar="ROLE=MODULE:ATTR",
        action="append",
        default=[],
        help="put your own primitive on trial instead of the reference; repeatable; also a TOML "
        "file with a table [implementation], or the name of an entry point of the group "
        "chapter_and_verse.implementations. Only claims about these roles are then examined",
    )
    add(
        "--claims-implementation-file",
        metavar="FILE",
        dest="claims_implementation",
        action="append",
        help="the same as --claims-implementation=FILE.toml",
    )
    add(
        "--claims-all",
        action="store_true",
        help="with an implementation of your own: examine the claims about other roles too; in the "
        "profile dev: the costly ones too",
    )
    add(
        "--claims-known-failures",
        metavar="FILE",
        action="append",
        default=[],
        help="TOML file with entries [[known_failure]] (id, role, reason, expiry); one that "
        "matches nothing, has expired or no longer fails is an error",
    )
    add(
        "--claims-data",
        metavar="DIR",
        default=None,
        help="folder of the four Fashion-MNIST IDX files, or 'full' or 'slice' (default: the "
        "embedded slice; the full set in the profile deep, where it is found)",
    )
    add(
        "--claims-output",
        metavar="DIR",
        default="out",
        help="folder for records.jsonl and the report (default: out)",
    )
    add(
        "--claims-only",
        metavar="ID",
        action="append",
        default=[],
        help="examine only the claim with this id (or catalogue row); repeatable, or ID,ID,...",
    )
    add(
        "--claims-continue",
        action="store_true",
        help="go on from the records in the output folder: keep what is finished, add replicates "
        "to what is undecided",
    )
    add(
        "--claims-executor",
        metavar="WHERE",
        default=None,
        help="where blocks are measured: serial, processes:N, dask://HOST:PORT or mpi (default: a "
        "process per core, one thread each; serial in each worker of pytest-xdist and for a run "
        "of a few seconds). Verdicts, counts and digests are the same under all",
    )
    add(
        "--claims-block-limit",
        metavar="SECONDS",
        type=float,
        default=120.0,
        help="seconds after which a block of replicates counts as hanging (default: 120)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Read the options at the door: a wrong one ends the run before anything is examined."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        # One thread a process: sums in another order would be other samples.
        os.environ.setdefault(name, "1")
    # Claims lie in plainly named files; only here are such files looked into.
    config.addinivalue_line("python_files", "claims/*/[!_]*.py")
    try:
        config.stash[SESSION] = ClaimSession(options_of(config.option), Path(config.rootpath))
    except (
        SessionError, ImplementationError, UserFileError, ExecutorError, devices.DeviceError,
    ) as error:  # fmt: skip
        raise pytest.UsageError(str(error)) from error
    config.stash[RECORDS] = []
    if config.stash[SESSION].options.implementation.replaced:
        # Our own code must not warn; what theirs warns of is theirs to judge.
        config.addinivalue_line("filterwarnings", "default")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give back the workers."""
    session = config.stash.get(SESSION, None)
    if session is not None:
        session.close()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What is on trial, with what, on what, and at which error rates."""
    session = config.stash[SESSION]
    shown = ", ".join(f"{name} {version}" for name, version in packages().items())
    return [*session.header(), f"claims: {shown}"]


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> pytest.Item | list[pytest.Item] | None:
    """A Claim object becomes one item per device; one that is imported becomes none."""
    if isinstance(obj, Untestable):
        return UntestableItem.from_parent(collector, name=name, sentence=obj)
    if not isinstance(obj, Claim):
        return None
    if obj.name != name or not _declared_in(obj, collector):
        return []
    session = collector.config.stash[SESSION]
    items: list[pytest.Item] = []
    for device in session.devices_for(obj):
        shown = f"{name}[{device}]"
        # The whole id is given, so that pytest reads the device as a parameter (--lf needs it).
        nodeid = f"{collector.nodeid}::{shown}"
        items.append(
            ClaimItem.from_parent(collector, name=shown, nodeid=nodeid, claim=obj, device=device)
        )
    return items


def _declared_in(claim: Claim, collector: pytest.Module | pytest.Class) -> bool:
    """Whether the claim stands in the file that is collected, and is not imported into it."""
    return Path(claim.file).resolve() == collector.path.resolve()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what --claims-only names, and hand the whole suite's error shares out."""
    session = config.stash[SESSION]
    claims = [item.claim for item in items if isinstance(item, ClaimItem)]
    try:
        session.collected(claims)
        if claims and not (config.option.collectonly or hasattr(config, "workerinput")):
            session.file.claim_folder()
        by_name = any("::" in argument for argument in config.args)
    except (SessionError, ClaimError, UserFileError) as error:
        raise pytest.UsageError(str(error)) from error
    # Whoever names a claim, or the file that it is in, means it.
    folders = not config.option.keyword and all(Path(given).is_dir() for given in config.args)
    kept = [
        item
        for item in items
        if not isinstance(item, ClaimItem | UntestableItem)
        or (by_name and session.judges_roles)
        or (session.wanted(item.claim) and not (folders and session.is_too_costly(item.claim)))
    ]
    dropped = [item for item in items if item not in kept]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell the session what comes, so that workers need not wait for one claim to end."""
    config = session.config
    if config.option.collectonly or _is_controller(config):
        return
    claims = [(item.claim, item.device) for item in session.items if isinstance(item, ClaimItem)]
    try:
        config.stash[SESSION].expect(claims, has_siblings=hasattr(config, "workerinput"))
    except ExecutorError as error:
        raise pytest.UsageError(str(error)) from error


def _is_controller(config: pytest.Config) -> bool:
    """True for the process of pytest-xdist that hands the tests out and runs none."""
    return not hasattr(config, "workerinput") and getattr(config.option, "dist", "no") != "no"


class ClaimItem(pytest.Item):
    """One claim on one device."""

    def __init__(self, *, claim: Claim, device: str, **options: Any) -> None:
        super().__init__(**options)
        self.claim = claim
        self.device = device
        self.record: Record | None = None
        # -k finds a claim by its id as well as by its name.
        self.extra_keyword_matches.update({claim.id, claim.row, claim.topic, device})

    def runtest(self) -> None:
        """Examine the claim; the item passes when the verdict is the expected one."""
        session = self.config.stash[SESSION]
        meter = Meter.of(self.config, self.nodeid.partition("::")[0])
        try:
            self.record = session.examine(self.claim, self.device, meter)
        except (SchedulerLostError, ExecutorError) as error:
            pytest.exit(str(error), returncode=int(pytest.ExitCode.INTERRUPTED))
        finally:
            if meter is not None:
                meter.clear()
        if self.record.verdict == Verdict.NOT_APPLICABLE.value:
            said = self.record.error["message"] if self.record.error else "no setting applies"
            pytest.skip(f"not applicable: {said}")
        known = session.failure_known(self.claim)
        if known is not None and self.record.as_expected:
            pytest.fail(
                f"{known.id!r} is listed as a known failure of {known.role!r} ({known.reason}) "
                f"but ended {self.record.verdict} as expected; take the entry out",
                pytrace=False,
            )
        if known is not None:
            pytest.xfail(f"{known.reason} (until {known.expiry})")
        if not self.record.as_expected:
            raise UnexpectedVerdictError(self.record)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """An unexpected verdict speaks for itself; anything else is a traceback."""
        if isinstance(excinfo.value, UnexpectedVerdictError):
            return failure_text(excinfo.value.record)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the claim is declared, and its name."""
        return self.path, self.claim.line - 1, self.name


class UntestableItem(pytest.Item):
    """A sentence that no experiment can settle: skipped with its reason, and on the record."""

    def __init__(self, *, sentence: Untestable, **options: Any) -> None:
        super().__init__(**options)
        self.claim = sentence
        self.record: Record | None = None
        self.extra_keyword_matches.update({sentence.id, sentence.row, sentence.topic})

    def runtest(self) -> None:
        """Leave the record, and say why nothing was examined."""
        self.record = self.config.stash[SESSION].list_untestable(self.claim)
        pytest.skip(f"not testable: {self.claim.reason}")

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the sentence is listed, and its name."""
        return self.path, self.claim.line - 1, self.name


class UnexpectedVerdictError(AssertionError):
    """The verdict that was reached is not the one that the claim expects."""

    def __init__(self, record: Record) -> None:
        super().__init__(f"{record.claim}: {record.verdict}, expected {record.expected}")
        self.record = record


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """The record travels on the report, which crosses xdist's process boundary as JSON."""
    report = yield
    if (
        isinstance(item, ClaimItem | UntestableItem)
        and report.when == "call"
        and item.record is not None
    ):
        report.claims_record = item.record.as_dict()
    return report


class _Writer:
    """Where the reports arrive (the controller under xdist), each record is appended at once."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        record = getattr(report, "claims_record", None)
        if record is None:
            return
        self.config.stash[RECORDS].append(record)
        try:
            self.config.stash[SESSION].write(record)
        except SessionError as error:
            pytest.exit(str(error), returncode=int(pytest.ExitCode.USAGE_ERROR))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Only the process that writes the terminal writes records."""
    config = session.config
    if not hasattr(config, "workerinput"):
        try:
            config.stash[SESSION].file.check()
        except SessionError as error:
            raise pytest.UsageError(str(error)) from error
        config.pluginmanager.register(_Writer(config), "claims-writer")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """One line per claim, then the counts and where the records are."""
    records = config.stash.get(RECORDS, [])
    if not records:
        return
    terminalreporter.section("claims")
    for line, markup in summary_lines(records, config.stash[SESSION], _width(terminalreporter)):
        terminalreporter.write_line(line, **markup)
    for note in config.stash[SESSION].notes:
        terminalreporter.write_line(f"note: {note}", yellow=True)


def _width(terminalreporter: Any) -> int:
    return int(terminalreporter._tw.fullwidth)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """In verbose mode the verdict stands where pytest says PASSED."""
    record = getattr(report, "claims_record", None)
    if record is None or report.when != "call":
        return None
    if record.get("known_failure") and report.skipped:
        return "known failures", "x", f"{record['verdict']} (known)"
    if report.skipped:
        return record["verdict"].lower(), "s", record["verdict"]
    if record["as_expected"] and report.failed:
        return "failed", "F", f"{record['verdict']} (listed as a known failure)"
    if report.passed:
        return "passed", ".", record["verdict"]
    letter = {Verdict.UNDECIDED.value: "U", Verdict.ERROR.value: "E"}.get(record["verdict"], "F")
    return "failed", letter, f"{record['verdict']} (expected {record['expected']})"
