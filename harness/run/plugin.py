"""The thin top: pytest options, items, header, progress and summary."""

import contextlib
import os
import signal
import textwrap
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import devices
from harness.declaration.claim import Claim, ClaimError, Untestable
from harness.declaration.profiles import PROFILES
from harness.environment import packages
from harness.implementation.named import Implementation, ImplementationError
from harness.implementation.user_file import UserFileError
from harness.records.lock import OutputError
from harness.records.record import NOTHING_JUDGED, Record, decode
from harness.run.command_line import add_options
from harness.run.items import COLUMNS, SESSION, ClaimItem, SentenceItem, UntestableItem
from harness.run.options import SessionError, options_of
from harness.run.session import ClaimSession
from harness.run.suite import BOOK
from harness.run.terminal import summary_lines
from harness.run.unjudged import unjudged
from harness.statistics.evidence import Verdict
from harness.unofficial import name_no_files, width_of
from harness.workers.executors import ExecutorError

GREEN = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
RECORDS = pytest.StashKey[list[Record]]()
FOLDER = "claims_experiments"
WRONG_INPUT = (
    SessionError, OutputError, ImplementationError, UserFileError, ExecutorError, ClaimError,
    devices.DeviceError,
)  # fmt: skip


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Wrong input ends the run in one sentence, without a traceback."""
    try:
        yield
    except WRONG_INPUT as error:
        raise pytest.UsageError(str(error)) from error


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run."""
    add_options(parser.getgroup("claims", "claims of the chapter on trial"))


def pytest_configure(config: pytest.Config) -> None:
    """Read the options at the door: a wrong one ends the run before anything is examined."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        # One thread a process: sums in another order would be other samples.
        os.environ.setdefault(name, "1")
    # Claims lie in plainly named files; only in the book are such files looked into.
    config.addinivalue_line("python_files", f"{BOOK.as_posix()}/*/[!_]*.py")
    with _told():
        folder = getattr(config, "workerinput", {}).get(FOLDER)
        options, root = options_of(config.option), Path(config.rootpath)
        config.stash[SESSION] = ClaimSession(options, root, folder)
    config.stash[RECORDS] = []


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """What measures claims, and what they refute, holds none."""
    beside_claims = collection_path.parent.parent == BOOK
    return (beside_claims and collection_path.name in ("experiments", "faults")) or None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where it finds what others measured, and how wide to write."""
    node.workerinput[FOLDER] = node.config.stash[SESSION].folder
    node.workerinput[COLUMNS] = node.config.get_terminal_writer().fullwidth


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give back the workers."""
    session = config.stash.get(SESSION, None)
    if session is not None:
        session.close()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What is on trial, with what, on what, and at which error rates."""
    session = config.stash[SESSION]
    shown = ", ".join(f"{name} {version}" for name, version in packages().items())
    lines = [*session.choice.header(), f"claims: {shown}"]
    width = config.get_terminal_writer().fullwidth
    return [part for line in lines for part in textwrap.wrap(line, width, subsequent_indent="  ")]


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> pytest.Item | list[pytest.Item] | None:
    """A Claim object becomes one item per device; one that is imported becomes none."""
    if isinstance(obj, Untestable):
        collector.config.stash[SESSION].met = True
        return UntestableItem.from_parent(collector, name=name, claim=obj)
    if not isinstance(obj, Claim):
        return None
    if obj.name != name or not _declared_in(obj, collector):
        return []
    session = collector.config.stash[SESSION]
    session.met = True
    items: list[pytest.Item] = []
    for device in session.choice.devices_for(obj):
        shown = f"{name}[{device}]"
        # The whole id is given, so that pytest reads the device as a parameter (--lf needs it).
        nodeid = f"{collector.nodeid}::{shown}"
        item = ClaimItem.from_parent(collector, name=shown, nodeid=nodeid, claim=obj, device=device)
        if session.options.implementation.replaced:
            # Our own code must not warn; what theirs warns of is theirs to judge.
            item.add_marker(pytest.mark.filterwarnings("default"))
        items.append(item)
    return items


def _declared_in(claim: Claim, collector: pytest.Module | pytest.Class) -> bool:
    """Whether the claim stands in the file that is collected, and is not imported into it."""
    return Path(claim.file).resolve() == collector.path.resolve()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what --claims-only names, and hand the whole suite's error shares out."""
    session = config.stash[SESSION]
    claims = [item.claim for item in items if isinstance(item, ClaimItem)]
    with _told():
        session.collected(claims)
        if claims and not (config.option.collectonly or hasattr(config, "workerinput")):
            session.file.claim_folder()
    by_name = any("::" in argument for argument in config.args)
    # Whoever names a claim, or the file that it is in, means it.
    folders = not config.option.keyword and all(Path(given).is_dir() for given in config.args)
    choice = session.choice
    ids = {claim.id for claim in session.examiner.claims} if session.options.only else ()
    kept = [
        item
        for item in items
        if not isinstance(item, SentenceItem)
        or (by_name and choice.judges_roles)
        or (choice.wants(item.claim, ids) and not (folders and choice.leaves_out(item.claim)))
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
    with _told():
        config.stash[SESSION].expect(claims, has_siblings=hasattr(config, "workerinput"))


def _is_controller(config: pytest.Config) -> bool:
    """True for the process of pytest-xdist that hands the tests out and runs none."""
    return not hasattr(config, "workerinput") and getattr(config.option, "dist", "no") != "no"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """The record travels on the report, which crosses xdist's process boundary as JSON."""
    report = yield
    if isinstance(item, SentenceItem) and report.when == "call" and item.record is not None:
        report.claims_record = item.record.as_line().decode()
    return report


def _record_of(report: pytest.TestReport) -> Record | None:
    line = getattr(report, "claims_record", None)
    return None if line is None else decode(line)


class _Writer:
    """Where the reports arrive (the controller under xdist), each record is appended at once."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.under_way: set[str] = set()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test begins."""
        self.under_way.add(nodeid)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """A test is over; one that is cut off never is."""
        self.under_way.discard(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        record = _record_of(report)
        if record is None:
            return
        self.config.stash[RECORDS].append(record)
        try:
            self.config.stash[SESSION].write(record)
        except OutputError as error:
            pytest.exit(str(error), returncode=int(pytest.ExitCode.USAGE_ERROR))


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Let a run that is told to end, as by a time limit, say where it was, as after Ctrl-C."""
    own = not hasattr(session.config, "workerinput")
    if own and threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGTERM, _interrupt)

        def restore() -> None:
            signal.signal(signal.SIGTERM, before)

        session.config.add_cleanup(restore)


def _interrupt(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a group and its leader are told, each once
    raise KeyboardInterrupt("told to end (SIGTERM)")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Only the process that writes the terminal writes records."""
    config = session.config
    if not hasattr(config, "workerinput"):
        with _told():
            config.stash[SESSION].file.check()
        config.pluginmanager.register(_Writer(config), "claims-writer")
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and _is_called_from_afar(config):
            name_no_files(reporter)


def _is_called_from_afar(config: pytest.Config) -> bool:
    """True in a user's own folder, from where the book's files have long names that say nothing."""
    return config.rootpath == BOOK.parent and not config.invocation_params.dir.is_relative_to(
        BOOK.parent
    )


def _unjudged(config: pytest.Config, exitstatus: int) -> str | None:
    """The sentence that says what a run of claims did not judge; None for any other run."""
    if config.option.collectonly or hasattr(config, "workerinput"):
        return None
    if exitstatus not in (*GREEN, pytest.ExitCode.TESTS_FAILED):
        return None
    session, options = config.stash[SESSION], config.stash[SESSION].options
    judged: dict[tuple[tuple[str, str], ...], list[Record]] = {}  # by implementation
    for record in config.stash.get(RECORDS, []):
        judged.setdefault(tuple(record.implementation.items()), []).append(record)
    own = judged.pop(tuple(options.implementation.replaced.items()), [])
    nothing_ran = exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
    said = None
    if own or options.only or session.choice.on_trial or (session.met and nothing_ran):
        said = unjudged(own, options.implementation, options.profile)
    for replaced, records in judged.items():  # of objects that tests have judged
        found = unjudged(records, Implementation(dict(replaced)), PROFILES[records[0].profile])
        said = said or found
    return said


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run that judged nothing, or nothing about a role on trial, has a status of its own."""
    if exitstatus in GREEN and _unjudged(session.config, exitstatus):
        session.exitstatus = NOTHING_JUDGED


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """What differs, the counts, where the records are, and what was not judged."""
    records, session = config.stash.get(RECORDS, []), config.stash[SESSION]
    said = _unjudged(config, exitstatus)
    cut_off = _cut_off(config, exitstatus)
    if not records and not said and not cut_off:
        return
    terminalreporter.ensure_newline()
    terminalreporter.section("claims")
    if records:
        width, verbosity = width_of(terminalreporter), config.option.verbose
        for line, markup in summary_lines(records, session.file.path, width, verbosity):
            terminalreporter.write_line(line, **markup)
    if said or cut_off:
        terminalreporter.write_line(said or cut_off, red=True, bold=True)
    for line in session.examined_anew(records):
        terminalreporter.write_line(line)
    for note in session.workers.notes:
        terminalreporter.write_line(f"note: {note}", yellow=True)


def _cut_off(config: pytest.Config, exitstatus: int) -> str:
    """The sentence that says what was under way when the run was interrupted; '' otherwise."""
    writer: Any = config.pluginmanager.get_plugin("claims-writer")
    if exitstatus != pytest.ExitCode.INTERRUPTED or writer is None or not writer.under_way:
        return ""
    ids = {claim.name: claim.id for claim in config.stash[SESSION].examiner.claims}
    names = {node: node.rpartition("::")[2].partition("[")[0] for node in sorted(writer.under_way)}
    if not config.stash[RECORDS] and ids.keys().isdisjoint(names.values()):
        return ""  # tests of something else
    shown = [f"{ids[name]} ({node})" if name in ids else node for node, name in names.items()]
    return f"cut off while examining {', '.join(shown)}; go on with --claims-continue"


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """In verbose mode the verdict stands where pytest says PASSED."""
    record = _record_of(report)
    if record is None or report.when != "call":
        return None
    verdict = record.verdict.value
    if record.known_failure and report.skipped:
        return "known failures", "x", f"{verdict} (known)"
    if hasattr(report, "wasxfail"):  # a mark on the test that judges
        return None
    if report.skipped:
        return verdict.lower(), "s", verdict
    if record.as_expected and report.failed:
        if not record.known_failure:  # but what the test says after it
            return None
        return "failed", "F", f"{verdict} (listed as a known failure)"
    if report.passed:
        return "passed", ".", verdict
    letter = {Verdict.UNDECIDED: "U", Verdict.ERROR: "E"}.get(record.verdict, "F")
    return "failed", letter, f"{verdict} (expected {record.expected})"
