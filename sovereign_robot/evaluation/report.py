"""`report.json` for machines and `report.html` for people: one file, no network, English and Japanese.

    write_report(out, RunReport(...))

Used by `eval` and by `demo`; failures come first.
"""

import json
from html import escape
from pathlib import Path

import numpy as np

from sovereign_robot.evaluation.episodes import episode_list, failures_first, plots, videos
from sovereign_robot.evaluation.matrix import failure_matrix, success_matrix
from sovereign_robot.evaluation.names import name_of
from sovereign_robot.evaluation.page import both, facts_table, page, rate_bar, rate_table, section
from sovereign_robot.evaluation.plots import time_plot
from sovereign_robot.evaluation.results import EpisodeResult
from sovereign_robot.evaluation.run_report import RunReport
from sovereign_robot.evaluation.statistics import EPISODES_TO_CLAIM, Spread

TITLES = {"eval": ("Evaluation", "評価"), "demo": ("Demonstration", "デモ")}
PLOTS = 2


def write_report(out: Path, report: RunReport, video_count: int = 6) -> Path:
    """Write both files into a folder that exists.

    Args:
        out: the folder.
        report: what happened.
        video_count: at most so many episodes as video, failures first.

    Returns:
        Path of `report.html`.
    """
    text = json.dumps(report.as_dict(), indent=2, ensure_ascii=False)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    path = out / "report.html"
    path.write_text(_html(report, video_count), encoding="utf-8")
    return path


def _html(report: RunReport, video_count: int) -> str:
    english, japanese = TITLES.get(report.kind, (report.kind, report.kind))
    shown = failures_first([e for e in report.own if len(e.stamp_s)])
    parts = [
        _headline(report),
        success_matrix(report),
        failure_matrix(report),
        videos(report.contract, shown[:video_count]),
        plots(report.contract, _one_of_each(shown)[:PLOTS]),
        _times(report),
        _breakdown(report),
        episode_list(report.own),
        _facts(report),
    ]
    tasks = report.tasks[0] if len(report.tasks) == 1 else f"{len(report.tasks)} tasks"
    return page(f"{english} / {japanese}: {tasks}", "\n".join(p for p in parts if p))


def _one_of_each(shown: list[EpisodeResult]) -> list[EpisodeResult]:
    """The first failure and the first success, then the others."""
    first = [next((e for e in shown if e.success is wanted), None) for wanted in (False, True)]
    chosen = [e for e in first if e is not None]
    return chosen + [e for e in shown if not any(e is c for c in chosen)]


def _headline(report: RunReport) -> str:
    rate, (lower, upper) = report.rate, report.rate.interval
    verdict = ("passed", "合格") if report.passed else ("fell short", "不合格")
    note = ""
    if rate.too_few:
        note = "<p class='note'>" + both(
            f"Too few to claim: {rate.n} episodes, a claim needs {EPISODES_TO_CLAIM}.",
            f"主張するには少なすぎます: {rate.n} 回（必要 {EPISODES_TO_CLAIM} 回）。",
        )
        note += "</p>"
    span = f"{report.seeds[0]} .. {report.seeds[-1]}" if report.seeds else "-"
    splits = ", ".join(name_of(split) for split in report.splits) or "-"
    return (
        f"<div class='headline {'good' if report.passed else 'bad'}'>"
        f"<div class='big'>{rate.value:.1%}</div><div>"
        f"<p><b>{both(*verdict)}</b> · {rate.successes} / {rate.n} · "
        f"{both('95 % Wilson interval', '95 % Wilson 信頼区間')} {lower:.1%} .. {upper:.1%} · "
        f"{both('each split passes at', '各分割の合格基準')} {report.threshold:.0%}</p>"
        f"{rate_bar(rate, report.threshold)}"
        f"<p>{both('seeds', 'シード')} {span} · {both('splits', '分割')}: {splits} · "
        f"{both('robot', 'ロボット')}: {escape(report.contract.name)}</p>{note}</div></div>"
    )


def _breakdown(report: RunReport) -> str:
    tables = "".join(
        rate_table(name_of(name), [(name_of(value), rate) for value, rate in values.items()])
        for name, values in report.breakdown().items()
    )
    return section("By what was asked", "指示の内訳", f"<div class='columns'>{tables}</div>")


def _times(report: RunReport) -> str:
    period_s = report.contract.control_step_s
    series = [
        ("Observation to command", "観測から指令まで", report.latency_s, "age of the observation"),
        ("Policy inference", "方策の推論時間", report.inference_s, "one inference"),
        (
            "Loop jitter",
            "制御周期のゆらぎ",
            np.abs(report.tick_period_s - period_s),
            "distance from the period",
        ),
    ]
    figures = "".join(
        f"<figure>{time_plot(values, label)}<figcaption><b>{both(english, japanese)}</b><br>"
        f"{_spread(Spread.of(values))}</figcaption></figure>"
        for english, japanese, values, label in series
        if len(values)
    )
    return section("Times", "時間", f"<div class='grid'>{figures}</div>") if figures else ""


def _facts(report: RunReport) -> str:
    facts = {f"policy {name}": value for name, value in report.policy.items()}
    facts |= {"robot contract sha256": report.contract.sha256, "wall time": f"{report.elapsed_s:.1f} s"}
    facts |= {f"interventions: {kind}": str(count) for kind, count in report.interventions.items()}
    return section("Facts", "条件", facts_table(facts | dict(report.facts)))


def _spread(spread: Spread) -> str:
    p50, p99, top = (f"{1000 * (v or 0.0):.2f} ms" for v in (spread.p50_s, spread.p99_s, spread.max_s))
    return f"p50 {p50} · p99 {p99} · max {top} · n {spread.n}"
