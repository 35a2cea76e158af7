"""The datasets of a policy's training runs on disk: each distinct summary once, and the runs refer to it.

Facts name the runs under "history" and, of the last one, at the top; each run lists its "datasets". On disk
"dataset_summaries" holds the summaries, and a run's "datasets" are their places in that list. Runs that learn
on from one another share most datasets, so the file would otherwise repeat each many times.
"""

from collections.abc import Mapping
from typing import Any

SUMMARIES, DATASETS, HISTORY = "dataset_summaries", "datasets", "history"


def gathered(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts whose runs refer to the summaries of their datasets; the inverse of `spread`."""
    if DATASETS not in facts:
        return dict(facts)
    summaries: list[Any] = []

    def place(summary: Any) -> int:
        if summary not in summaries:
            summaries.append(summary)
        return summaries.index(summary)

    def run(told: Mapping[str, Any]) -> dict[str, Any]:
        return {**told, DATASETS: [place(summary) for summary in told[DATASETS]]}

    history = [run(told) for told in facts.get(HISTORY, ())]
    return {**run(facts), **({HISTORY: history} if HISTORY in facts else {}), SUMMARIES: summaries}


def spread(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts whose runs hold the summaries of their datasets; facts that were never gathered stay as they are.

    Raises:
        ValueError: a run refers to a summary that is not there.
    """
    if SUMMARIES not in facts:
        return dict(facts)
    summaries = facts[SUMMARIES]

    def run(told: Mapping[str, Any]) -> dict[str, Any]:
        beyond = [place for place in told[DATASETS] if place not in range(len(summaries))]
        if beyond:
            raise ValueError(f"a run refers to dataset {beyond[0]}, expected 0 .. {len(summaries) - 1}")
        return {**told, DATASETS: [summaries[place] for place in told[DATASETS]]}

    whole = {name: value for name, value in run(facts).items() if name != SUMMARIES}
    return whole | ({HISTORY: [run(told) for told in facts[HISTORY]]} if HISTORY in facts else {})
