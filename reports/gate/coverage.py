"""Whether a run covers what the baseline holds of its kind: a smaller run replaces nothing."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence

from harness.records.record import Record
from reports.gate.baseline import Baseline, BaselineError
from reports.keys import group_of, key_of, split_key

MOST = 3  # that are named


def check(
    before: Baseline, records: Sequence[Record], timings: Mapping[str, Collection[str]]
) -> None:
    """Raise BaselineError where the run lacks what it would replace."""
    lacking = [*_verdicts(before, records), *_statistics(before, records), *_rows(before, timings)]
    if not lacking:
        return
    more = f" and {len(lacking) - MOST} more" if len(lacking) > MOST else ""
    raise BaselineError(
        f"the run lacks {len(lacking)} of what it would replace in the baseline: "
        f"{', '.join(lacking[:MOST])}{more}; examine them too, keep them as they are with "
        "--partial, or take out with --drop what is no more"
    )


def without(baseline: Baseline, names: Collection[str]) -> Baseline:
    """The baseline without these claims and benchmarks. Raises BaselineError for unknown names."""
    known = {split_key(key)[0] for key in baseline.verdicts}
    known |= {name for rows in baseline.timings.values() for name in rows}
    for name in names:
        if name not in known:
            raise BaselineError(
                f"--drop={name!r} is neither a claim nor a benchmark of the baseline; name ids as "
                "its verdicts do, in front of the bracket"
            )

    def kept(key: str) -> bool:
        return split_key(key)[0] not in names

    return dataclasses.replace(
        baseline,
        verdicts={key: entry for key, entry in baseline.verdicts.items() if kept(key)},
        statistics={key: entry for key, entry in baseline.statistics.items() if kept(key)},
        timings={
            machine: {name: logs for name, logs in rows.items() if name not in names}
            for machine, rows in baseline.timings.items()
        },
    )


def _verdicts(before: Baseline, records: Sequence[Record]) -> Iterator[str]:
    judged = [record for record in records if record.verdict.judged]
    here, groups = {key_of(record) for record in judged}, {group_of(record) for record in judged}
    for key in before.verdicts:
        if key not in here and split_key(key)[1] in groups:
            yield key


def _statistics(before: Baseline, records: Sequence[Record]) -> Iterator[str]:
    for record in records:
        if record.as_expected and record.verdict.judged:
            for name in before.statistics.get(key_of(record), {}):
                if name not in record.statistics:
                    yield f"{key_of(record)}: {name}"


def _rows(before: Baseline, timings: Mapping[str, Collection[str]]) -> Iterator[str]:
    for machine, rows in timings.items():
        yield from (name for name in before.timings.get(machine, {}) if name not in rows)
