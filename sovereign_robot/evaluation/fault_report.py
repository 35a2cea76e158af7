"""`report.json`, `report.html` and the Markdown table of a fault campaign."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.evaluation.fault_judge import Sign
from sovereign_robot.evaluation.fault_result import FaultResult
from sovereign_robot.evaluation.page import both, facts_table, page, section

KIND = "faults"
BEGIN, END = "<!-- the table of faults begins -->", "<!-- the table of faults ends -->"
HEADS = (
    ("fault", "故障"),
    ("survived", "耐えた回数"),
    ("detected after", "検出まで"),
    ("bound", "上限"),
    ("state", "状態"),
    ("the operator sees", "操作者に見えるもの"),
    ("again in motion", "再開"),
)
NOTE = both(
    "Real processes on real DDS; judged from outside by code that shares nothing with the controller.",
    "実プロセスと実 DDS。制御コードとは無関係のコードが外から判定しています。",
)
TOLD_CHARACTERS = 110


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One fault in every round.

    Attributes:
        results: one for each round, at least one.
    """

    results: tuple[FaultResult, ...]

    @property
    def survived(self) -> int:
        """Rounds in which every promise was kept."""
        return sum(result.survived for result in self.results)

    @property
    def passed(self) -> bool:
        """Whether every round was survived."""
        return self.survived == len(self.results)

    @property
    def detected(self) -> str:
        """Time to the sign of the fault: median, and the longest where there are several rounds."""
        times_s = [r.verdict.detected_s for r in self.results if r.verdict.detected_s is not None]
        if not times_s:
            return "-"
        longest = f", at most {max(times_s):.2f} s" if len(times_s) > 1 else ""
        return f"{float(np.median(times_s)):.2f} s{longest}"

    @property
    def bound(self) -> str:
        """Longest time that was declared."""
        promise = self.results[0].promise
        return "-" if promise.sign is Sign.NONE else f"{promise.within_s:.2f} s"

    @property
    def cells(self) -> tuple[str, ...]:
        """What a table shows of it, in the order of `HEADS`."""
        last = self.results[-1]
        states = ", ".join(dict.fromkeys(r.verdict.state for r in self.results))
        told = last.verdict.told
        short = told if len(told) <= TOLD_CHARACTERS else told[: TOLD_CHARACTERS - 3] + "..."
        counted = f"{self.survived} of {len(self.results)}"
        rearmed = ", ".join(dict.fromkeys(r.rearmed or "never" for r in self.results))
        return (last.what, counted, self.detected, self.bound, states, short, rearmed)


def rows_of(results: Sequence[FaultResult]) -> list[FaultRow]:
    """One row for each fault, in the order of their first results."""
    by_name: dict[str, list[FaultResult]] = {}
    for result in results:
        by_name.setdefault(result.name, []).append(result)
    return [FaultRow(tuple(found)) for found in by_name.values()]


def summary(results: Sequence[FaultResult]) -> dict[str, Any]:
    """The campaign in numbers."""
    rows = rows_of(results)
    audits = [r.verdict.audit for r in results]
    return {
        "faults": len(rows),
        "survived_in_every_round": sum(row.passed for row in rows),
        "cases": len(results),
        "cases_survived": sum(r.survived for r in results),
        "worst_outside_rad": max(a.outside_rad for a in audits),
        "worst_speed_share": round(max(a.speed for a in audits), 3),
        "worst_leap_share": round(max(a.leap for a in audits), 3),
        "worst_moved_after_stop_rad": max(r.verdict.moved_rad for r in results),
        "oldest_observation_s": round(max(r.verdict.oldest_s for r in results), 3),
    }


def write_fault_report(out: Path, results: Sequence[FaultResult], facts: Mapping[str, str]) -> Path:
    """Write both files into a folder that exists; returns the page's path."""
    data = {
        "kind": KIND,
        "passed": all(r.survived for r in results),
        **summary(results),
        "facts": dict(facts),
        "results": [r.as_dict() for r in results],
    }
    (out / "report.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    path = out / "report.html"
    path.write_text(_html(results, facts), encoding="utf-8")
    return path


def write_table(path: Path, results: Sequence[FaultResult], facts: Mapping[str, str]) -> None:
    """Write the table of a Markdown page again, between its two marks.

    Raises:
        UsageError: the page is missing or has no marks.
    """
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UsageError(f"{path} has no lines {BEGIN!r} and {END!r}: between them the table is written")
    path.write_text(f"{before}{BEGIN}\n{markdown(results, facts)}{END}{after}", encoding="utf-8")


def markdown(results: Sequence[FaultResult], facts: Mapping[str, str]) -> str:
    """The campaign as Markdown: what was measured in one line, then a table for each group."""
    numbers = summary(results)
    where = ", ".join(f"{name} {value}" for name, value in facts.items())
    lines = [
        "",
        f"**{numbers['survived_in_every_round']} of {numbers['faults']} faults survived in every round "
        f"({numbers['cases_survived']} of {numbers['cases']} cases).** Worst of all cases: "
        f"{numbers['worst_outside_rad']:g} rad outside a position limit, "
        f"{numbers['worst_speed_share']:.2f} of the velocity limit, "
        f"{numbers['worst_moved_after_stop_rad']:.4f} rad moved after a stop, "
        f"motion by an observation at most {numbers['oldest_observation_s']:.2f} s old. {where}.",
        "",
    ]
    group = ""
    for row in rows_of(results):
        if row.results[0].group != group:
            group = row.results[0].group
            heads = " | ".join(english for english, _ in HEADS)
            lines += [f"### {group.capitalize()}", "", f"| {heads} |", "|---" * len(HEADS) + "|"]
        lines.append("| " + " | ".join(_plain(cell) for cell in row.cells) + " |")
    return "\n".join(_with_gaps(lines)) + "\n\n"


def _with_gaps(lines: Sequence[str]) -> list[str]:
    """An empty line before each heading."""
    spaced: list[str] = []
    for line in lines:
        if line.startswith("### ") and spaced and spaced[-1]:
            spaced.append("")
        spaced.append(line)
    return spaced


def _plain(cell: str) -> str:
    return " ".join(cell.replace("|", "/").split())


def _html(results: Sequence[FaultResult], facts: Mapping[str, str]) -> str:
    rows, numbers = rows_of(results), summary(results)
    passed = numbers["survived_in_every_round"]
    head = (
        f"<div class='headline {'good' if passed == len(rows) else 'bad'}'>"
        f"<div class='big'>{passed}/{len(rows)}</div><div>"
        f"<p>{both('faults survived in every round', 'すべての回で耐えた故障')}</p><p>{NOTE}</p></div></div>"
    )
    heads = "".join(f"<th>{both(*head)}</th>" for head in HEADS)
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(map(_row, rows))}</tbody></table>"
    measured = {name.replace("_", " "): f"{value:g}" for name, value in numbers.items()}
    body = (
        head
        + section("Faults", "故障", f"<div class='matrix'>{table}</div>")
        + section("Facts", "事実", facts_table(measured | dict(facts)))
    )
    return page("Faults / 故障注入", body)


def _row(row: FaultRow) -> str:
    broken = "".join(
        f"<small>{escape(sentence)}</small>"
        for sentence in dict.fromkeys(s for r in row.results for s in r.broken)
    )
    first, *others = (escape(cell) for cell in row.cells)
    cells = "".join(
        f"<td class='outcome'>{cell}</td>" if i == 0 else f"<td>{cell}</td>" for i, cell in enumerate(others)
    )
    return f"<tr class='{'good' if row.passed else 'bad'}'><td>{first}{broken}</td>{cells}</tr>"
