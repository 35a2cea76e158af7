"""`report.json` and `report.html` of the task suite: one row per task, English and Japanese."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from sovereign_robot.evaluation.page import both, facts_table, page, rate_bar, section
from sovereign_robot.evaluation.statistics import Rate
from sovereign_robot.evaluation.suite import BLIND_PASSES_AT, TaskResult

HEADS = (
    ("task", "課題"),
    ("expert", "エキスパート"),
    ("", ""),
    ("without the sentence", "指示なし"),
    ("", ""),
    ("seconds", "秒"),
    ("worst velocity / limit", "最大速度 / 上限"),
    ("worst acceleration / limit", "最大加速度 / 上限"),
    ("failed seeds", "失敗シード"),
)
NOTE = both(
    "Every scene is played by the expert, and by one that does not listen and guesses among the goals that "
    "the picture leaves open.",
    "各シーンは、指示を聞くエキスパートと、指示を聞かず画像から可能な目標を推測する者の両方で実行しています。",
)


def write_suite_report(out: Path, results: Sequence[TaskResult], facts: Mapping[str, str]) -> Path:
    """Write both files into a folder that exists; returns the page's path."""
    data = {
        "kind": "suite",
        "passed": all(r.passed for r in results),
        **facts,
        "tasks": [r.as_dict() for r in results],
    }
    (out / "report.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    path = out / "report.html"
    path.write_text(_html(results, facts), encoding="utf-8")
    return path


def _html(results: Sequence[TaskResult], facts: Mapping[str, str]) -> str:
    heads = "".join(f"<th>{both(*head)}</th>" for head in HEADS)
    rows = "".join(_row(result) for result in results)
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    passed = sum(r.passed for r in results)
    head = (
        f"<div class='headline {'good' if passed == len(results) else 'bad'}'>"
        f"<div class='big'>{passed}/{len(results)}</div><div><p>"
        f"{both('tasks pass', '合格した課題')}</p><p>{NOTE}</p></div></div>"
    )
    body = head + section("Experts", "エキスパート", table) + section("Facts", "事実", facts_table(facts))
    return page("Task suite / 課題スイート", body)


def _row(result: TaskResult) -> str:
    failed = ", ".join(str(s.seed) for s in result.scenes if not s.success) or "-"
    return (
        f"<tr><td>{escape(result.task)}</td>"
        f"{_rate(result.expert, result.passes_at)}{_rate(result.blind, BLIND_PASSES_AT)}"
        f"<td>{result.seconds:.1f}</td><td>{result.velocity_share:.2f}</td>"
        f"<td>{result.acceleration_share:.2f}</td><td>{failed}</td></tr>"
    )


def _rate(rate: Rate, threshold: float) -> str:
    lower, upper = rate.interval
    return (
        f"<td>{rate.value:.1%} ({rate.successes}/{rate.n})</td>"
        f"<td>{rate_bar(rate, threshold)}{lower:.1%} .. {upper:.1%}</td>"
    )
