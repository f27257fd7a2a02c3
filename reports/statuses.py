"""Exit statuses of the commands: one table, which their --help and docs/ci.md print."""

from collections.abc import Mapping

from harness.records.record import NOTHING_JUDGED

GREEN, RED, UNUSABLE, UNDECIDED, NOTHING = 0, 1, 2, 3, NOTHING_JUDGED

GATE: Mapping[int, str] = {
    GREEN: "nothing is worse; what has no baseline yet is named as new",
    RED: "red: a verdict, a training statistic or a timing is worse, or a claim has vanished",
    UNUSABLE: "the gate could not judge: records or baseline cannot be read",
    UNDECIDED: "nothing is red, something is undecided: continue with --claims-continue, or with "
    "more --rounds; never run again until green",
    NOTHING: "nothing was judged: no verdict, no timing, or none that the baseline holds",
}
ACCEPT: Mapping[int, str] = {
    GREEN: "written",
    RED: "written without the verdicts that are not as expected: those are never accepted",
    UNUSABLE: "not written, with one sentence that says why; also where the run covers less than "
    "what it would replace",
    NOTHING: "not written: the run judged nothing",
}
HTML: Mapping[int, str] = {
    GREEN: "written",
    RED: "written, but lines of the records could not be read and are left out",
    UNUSABLE: "not written, with one sentence that says why",
    NOTHING: "nothing was judged, which the page says; not written where there is no record",
}
ADD: Mapping[int, str] = {
    GREEN: "added, or there already",
    RED: "added, but lines of the records could not be read and are left out",
    UNUSABLE: "not added, with one sentence that says why",
    NOTHING: "not added: the run judged nothing",
}
SAME: Mapping[int, str] = {
    GREEN: "SAME: every statistic lies within its margin",
    RED: "CHANGED: a statistic lies outside its margin",
    UNUSABLE: "nothing was compared, with one sentence that says why; runs are kept",
    UNDECIDED: "UNDECIDED: the same call goes on with more --pairs; never begin again until green",
}
BISECT: Mapping[int, str] = {
    GREEN: "the first commit that has changed is named",
    UNUSABLE: "there is nothing to find, with one sentence that says why; runs are kept",
    UNDECIDED: "UNDECIDED: between which commits it lies; the same call goes on with more --pairs",
}


def told(statuses: Mapping[int, str]) -> str:
    """The statuses of a command as its --help prints them."""
    lines = [f"  {status}  {meaning}" for status, meaning in statuses.items()]
    return "\n".join(["exit status:", *lines])
