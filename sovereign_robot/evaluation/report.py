"""`report.json` for machines and `report.html` for people: one file, no network, English and Japanese.

    write_report(out, RunReport(...), simulation)

Used by `eval` and by `demo`; failures come first.
"""

import base64
import json
from collections.abc import Sequence
from html import escape
from itertools import zip_longest
from pathlib import Path

import numpy as np

from sovereign_robot.evaluation.page import both, facts_table, page, rate_bar, rate_table, section
from sovereign_robot.evaluation.plots import joint_plot, time_plot
from sovereign_robot.evaluation.results import EpisodeResult, RunReport
from sovereign_robot.evaluation.statistics import EPISODES_TO_CLAIM, Spread
from sovereign_robot.evaluation.video import episode_video
from sovereign_robot.sim.simulation import Simulation

__all__ = ["EpisodeResult", "RunReport", "write_report"]

TITLES = {"eval": ("Evaluation", "評価"), "demo": ("Demonstration", "デモ")}
NAMES = {
    "language": ("language", "言語"),
    "colour": ("colour", "色"),
    "bin": ("bin", "箱"),
    "kind": ("kind", "種類"),
    "onto": ("onto", "下のもの"),
    "zone": ("zone", "ゾーン"),
    "place": ("place", "場所"),
    "hole": ("hole", "穴"),
    "way": ("way", "向き"),
    "tray": ("tray", "トレイ"),
    "other": ("other", "もう一つ"),
    "other_bin": ("other bin", "もう一つの箱"),
    "ja": ("Japanese", "日本語"),
    "en": ("English", "英語"),
}


def write_report(
    out: Path, report: RunReport, simulation: Simulation | None = None, videos: int = 6, plots: int = 2
) -> Path:
    """Write both files into a folder that exists.

    Args:
        out: the folder.
        report: what happened.
        simulation: draws the videos; it is reset to other scenes. None: no video.
        videos: at most so many episodes as video, failures first.
        plots: at most so many episodes with joint plots, the first failure and the first success first.

    Returns:
        Path of `report.html`.
    """
    text = json.dumps(report.as_dict(), indent=2, ensure_ascii=False)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    path = out / "report.html"
    path.write_text(_html(report, simulation, videos, plots), encoding="utf-8")
    return path


def _html(report: RunReport, simulation: Simulation | None, videos: int, plots: int) -> str:
    english, japanese = TITLES.get(report.kind, (report.kind, report.kind))
    shown = failures_first(report.episodes)
    parts = [
        _headline(report),
        _breakdown(report),
        _videos(shown[:videos], simulation),
        _plots(report, _one_of_each(shown)[:plots]),
        _times(report),
        _episodes(report.episodes),
        _facts(report),
    ]
    return page(f"{english} / {japanese}: {report.task}", "\n".join(p for p in parts if p))


def failures_first(episodes: Sequence[EpisodeResult]) -> list[EpisodeResult]:
    """Failures, then successes with the two languages in turn, each by seed."""
    ordered = sorted(episodes, key=lambda e: e.seed)
    failures = [e for e in ordered if not e.success]
    by_language: dict[str, list[EpisodeResult]] = {}
    for episode in ordered:
        if episode.success:
            by_language.setdefault(episode.language, []).append(episode)
    turns = zip_longest(*by_language.values())
    return failures + [e for turn in turns for e in turn if e is not None]


def _one_of_each(shown: list[EpisodeResult]) -> list[EpisodeResult]:
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
    seeds = sorted(e.seed for e in report.episodes)
    span = f"{seeds[0]} .. {seeds[-1]}" if seeds else "-"
    splits = ", ".join(sorted({e.split for e in report.episodes})) or "-"
    return (
        f"<div class='headline {'good' if report.passed else 'bad'}'>"
        f"<div class='big'>{rate.value:.1%}</div><div>"
        f"<p><b>{both(*verdict)}</b> · {rate.successes} / {rate.n} · "
        f"{both('95 % Wilson interval', '95 % Wilson 信頼区間')} {lower:.1%} .. {upper:.1%} · "
        f"{both('passes at', '合格基準')} {report.threshold:.0%}</p>"
        f"{rate_bar(rate, report.threshold)}"
        f"<p>{both('seeds', 'シード')} {span} · {both('layouts', '配置')}: {escape(splits)} · "
        f"{both('robot', 'ロボット')}: {escape(report.contract.name)}</p>{note}</div></div>"
    )


def _breakdown(report: RunReport) -> str:
    tables = "".join(
        rate_table(
            both(*NAMES.get(name, (name, name))), [(_name(value), rate) for value, rate in values.items()]
        )
        for name, values in report.breakdown().items()
    )
    return section("Where it succeeds", "内訳", f"<div class='columns'>{tables}</div>")


def _videos(episodes: list[EpisodeResult], simulation: Simulation | None) -> str:
    if simulation is None:
        return ""
    figures = []
    for episode in episodes:
        data = episode_video(simulation, episode)
        if data:
            source = f"data:video/mp4;base64,{base64.b64encode(data).decode()}"
            video = (
                f"<video controls muted loop autoplay playsinline preload='metadata' src='{source}'></video>"
            )
            figures.append(f"<figure>{video}<figcaption>{_caption(episode)}</figcaption></figure>")
    return section(
        "Episodes, failures first", "動画（失敗を先に）", f"<div class='grid'>{''.join(figures)}</div>"
    )


def _plots(report: RunReport, episodes: list[EpisodeResult]) -> str:
    names = (("measured", "計測値"), ("command", "指令値"), ("limit", "可動限界"))
    legend = "".join(f"<i class='{english}'></i>{both(english, japanese)}" for english, japanese in names)
    figures = "".join(
        f"<figure>{joint_plot(report.contract, e)}<figcaption>{_caption(e)}</figcaption></figure>"
        for e in episodes
        if len(e.stamp_s) > 1
    )
    return (
        section("Joints and commands", "関節と指令", f"<p class='legend'>{legend}</p>{figures}")
        if figures
        else ""
    )


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


def _episodes(episodes: Sequence[EpisodeResult]) -> str:
    rows = "".join(
        f"<tr class='{'good' if e.success else 'bad'}'><td>{e.seed}</td><td>{escape(e.split)}</td>"
        f"<td lang='{escape(e.language)}'>{escape(e.instruction)}</td><td>{_outcome(e)}</td>"
        f"<td>{e.time_s:.1f} s</td></tr>"
        for e in sorted(episodes, key=lambda e: (e.success, e.seed))
    )
    heads = (
        ("seed", "シード"),
        ("layout", "配置"),
        ("instruction", "指示"),
        ("outcome", "結果"),
        ("time", "時間"),
    )
    head = "".join(f"<th>{both(*h)}</th>" for h in heads)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    summary = f"<summary>{both(f'{len(episodes)} episodes', f'全 {len(episodes)} 回')}</summary>"
    return section("All episodes", "全エピソード", f"<details>{summary}{table}</details>")


def _facts(report: RunReport) -> str:
    facts = {f"policy {name}": value for name, value in report.policy.items()}
    facts |= {"robot contract sha256": report.contract.sha256, "wall time": f"{report.elapsed_s:.1f} s"}
    facts |= {f"interventions: {kind}": str(count) for kind, count in report.interventions.items()}
    return section("Facts", "条件", facts_table(facts | dict(report.facts)))


def _caption(episode: EpisodeResult) -> str:
    return (
        f"<b class='{'good' if episode.success else 'bad'}'>{_outcome(episode)}</b> "
        f"<span lang='{escape(episode.language)}'>{escape(episode.instruction)}</span>"
        f"<small>{both('seed', 'シード')} {episode.seed} · {episode.time_s:.1f} s</small>"
    )


def _outcome(episode: EpisodeResult) -> str:
    return both("success", "成功") if episode.success else both("failure", "失敗")


def _name(value: str) -> str:
    return both(*NAMES[value]) if value in NAMES else escape(value)


def _spread(spread: Spread) -> str:
    p50, p99, top = (f"{1000 * (v or 0.0):.2f} ms" for v in (spread.p50_s, spread.p99_s, spread.max_s))
    return f"p50 {p50} · p99 {p99} · max {top} · n {spread.n}"
