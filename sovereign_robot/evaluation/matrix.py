"""Success by task and split on one table: the policy, both languages, and what it is held against."""

from collections.abc import Sequence
from dataclasses import dataclass

from sovereign_robot.evaluation.names import name_of
from sovereign_robot.evaluation.page import both, rate_bar, section
from sovereign_robot.evaluation.results import Phase
from sovereign_robot.evaluation.run_report import RunReport
from sovereign_robot.evaluation.statistics import EPISODES_TO_CLAIM, Rate
from sovereign_robot.evaluation.tally import Tally

ALL_TASKS, ALL_SPLITS = "all tasks", "all splits"


@dataclass(frozen=True)
class Row:
    """One line of the table: a task, all of them, or a language.

    Attributes:
        rates: by column; a split, all of them, or a control arm.
        summed: whether it sums up the lines above.
    """

    name: str
    rates: dict[str, Rate]
    summed: bool = False


def rows_of(report: RunReport) -> list[Row]:
    """Every task, all tasks, and each language."""
    tally = report.tally
    rows = [Row(task, _rates(report, tally.of(task))) for task in report.tasks]
    if len(report.tasks) > 1:
        rows.append(Row(ALL_TASKS, _rates(report, tally), summed=True))
    return rows + [
        Row(language, _rates(report, tally.of(language=language)), summed=True)
        for language in tally.languages
    ]


def _rates(report: RunReport, tally: Tally) -> dict[str, Rate]:
    rates = {split: tally.of(split=split).rate for split in report.splits}
    if len(report.splits) > 1:
        rates[ALL_SPLITS] = tally.rate
    return rates | tally.arms


def success_matrix(report: RunReport) -> str:
    """The table as HTML; control arms stand apart on its right."""
    rows = rows_of(report)
    columns = list(rows[0].rates) if rows else []
    first_arm = next((name for name in columns if name in report.tally.arms), None)
    classes = {name: " class='apart'" if name == first_arm else "" for name in columns}
    head = "".join(f"<th{classes[name]}>{_head(name)}</th>" for name in columns)
    body = ""
    for row in rows:
        cells = "".join(f"<td{classes[name]}>{_cell(row.rates.get(name))}</td>" for name in columns)
        body += f"<tr{' class=sum' if row.summed else ''}><td>{_head(row.name)}</td>{cells}</tr>"
    table = _table(head, body) + _note(rows)
    return section("Success by task and split", "課題と分割ごとの成功率", table)


def failure_matrix(report: RunReport) -> str:
    """Where the policy's failures happened, by task; "" without one."""
    found = {task: report.tally.of(task).phases for task in report.tasks}
    phases = [str(phase) for phase in Phase if any(phase in counts for counts in found.values())]
    if not phases:
        return ""
    head = "".join(f"<th>{name_of(phase)}</th>" for phase in phases)
    body = ""
    for task, counts in found.items():
        if counts:
            cells = "".join(f"<td>{counts.get(phase, 0) or '-'}</td>" for phase in phases)
            body += f"<tr><td>{name_of(task)}</td>{cells}</tr>"
    return section("Where it failed", "失敗した段階", _table(head, body))


def _table(head: str, body: str) -> str:
    rows = f"<thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody>"
    return f"<div class='matrix'><table>{rows}</table></div>"


def _head(name: str) -> str:
    totals = {ALL_TASKS: "全課題", ALL_SPLITS: "全分割"}
    return both(name, totals[name]) if name in totals else name_of(name)


def _cell(rate: Rate | None) -> str:
    if rate is None or not rate.n:
        return "-"
    lower, upper = rate.interval
    numbers = f"<small>{rate.successes}/{rate.n} · {lower:.0%} .. {upper:.0%}</small>"
    return f"{rate.value:.0%}{rate_bar(rate)}{numbers}"


def _note(rows: Sequence[Row]) -> str:
    """What the bars are, and which of them are too short of episodes."""
    bars = both(
        "The band is the 95 % Wilson interval.",
        "帯は 95 % Wilson 信頼区間です。",
    )
    if not any(rate.too_few for row in rows for rate in row.rates.values() if rate.n):
        return f"<p><small>{bars}</small></p>"
    few = both(
        f"Cells of fewer than {EPISODES_TO_CLAIM} episodes are too few to claim.",
        f"{EPISODES_TO_CLAIM} 回未満の欄は主張するには少なすぎます。",
    )
    return f"<p><small>{bars} {few}</small></p>"
