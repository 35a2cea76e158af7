"""`report.json` and `report.html` of what the graph takes, by parts, with bounds, English and Japanese."""

import json
import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np

from sovereign_robot.evaluation.latency import PARTS, GraphTiming
from sovereign_robot.evaluation.page import both, facts_table, page, section
from sovereign_robot.evaluation.plots import time_plot
from sovereign_robot.evaluation.policy_bench import Check
from sovereign_robot.evaluation.statistics import Spread

KIND = "latency"
NAMES = {
    "camera to command": "カメラから指令まで",
    "camera to command p50": "カメラから指令まで p50",
    "camera to command p99": "カメラから指令まで p99",
    "loop jitter": "制御周期のゆらぎ",
    "loop jitter p99": "制御周期のゆらぎ p99",
    "missed ticks": "遅れた周期",
    "lost pictures": "届かなかった画像",
    "memory growth": "メモリの増加",
    "sim_node and policy_node": "sim_node と policy_node",
    "camera": "撮影から方策へ",
    "wait": "推論待ち",
    "inference": "推論",
    "transfer": "安全ノードへ",
    "tick": "次の周期まで",
}
HEADS = (("", ""), ("measured", "計測値"), ("at most", "上限"), ("", ""))


def write_latency_report(
    out: Path,
    timing: GraphTiming,
    checks: Sequence[Check],
    facts: Mapping[str, str],
    flames: Sequence[Path] = (),
) -> Path:
    """Write both files into a folder that exists; returns the page's path.

    Args:
        out: the folder.
        timing: what was measured.
        checks: each value with its bound.
        facts: where and how it was measured.
        flames: flame graphs in the folder, to link.
    """
    data = {
        "kind": KIND,
        "passed": all(check.passed for check in checks),
        "checks": [
            {
                "name": c.name,
                "value": round(c.value, 4) if math.isfinite(c.value) else None,
                "bound": c.bound,
                "unit": c.unit,
                "passed": c.passed,
            }
            for c in checks
        ],
        **timing.as_dict(),
        "facts": dict(facts),
    }
    (out / "report.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    path = out / "report.html"
    path.write_text(_html(timing, checks, facts, flames), encoding="utf-8")
    return path


def value_of(check: Check) -> str:
    """A measured value for people; "-" when there was nothing to measure."""
    return f"{check.value:.4g} {check.unit}" if math.isfinite(check.value) else "-"


def _html(
    timing: GraphTiming, checks: Sequence[Check], facts: Mapping[str, str], flames: Sequence[Path]
) -> str:
    passed = sum(check.passed for check in checks)
    p50_s = timing.spreads()["camera to command"].p50_s
    head = (
        f"<div class='headline {'good' if passed == len(checks) else 'bad'}'>"
        f"<div class='big'>{'-' if p50_s is None else f'{1e3 * p50_s:.0f} ms'}</div><div>"
        f"<p><b>{passed}/{len(checks)}</b> {both('bounds kept', '上限内')}</p>"
        f"<p>{both('from the cameras to the command, half of the time', 'カメラから指令まで（中央値）')}</p>"
        "</div></div>"
    )
    links = "".join(f"<li><a href='{escape(flame.name)}'>{escape(flame.name)}</a></li>" for flame in flames)
    parts = [
        head,
        section("Bounds", "上限", _bounds(checks)),
        section("Parts", "内訳", _parts(timing)),
        section("Plots", "グラフ", f"<div class='grid'>{_plots(timing)}</div>"),
        section("Processes", "プロセス", facts_table(process_facts(timing))),
        section("Flame graphs", "フレームグラフ", f"<ul>{links}</ul>") if links else "",
        section("Facts", "条件", facts_table(facts)),
    ]
    return page("From the cameras to the arm / カメラから腕まで", "\n".join(part for part in parts if part))


def process_facts(timing: GraphTiming) -> dict[str, str]:
    """What each process took, as lines for people."""
    return {
        name: f"{100 * load.cores:.1f} % of a core, waited {100 * load.waited:.1f} % for one, "
        f"{load.resident_mb[-1]:.0f} MB, grew by {load.growth_percent:.2f} %"
        for name, load in timing.processes.items()
    }


def _bounds(checks: Sequence[Check]) -> str:
    heads = "".join(f"<th>{both(*head)}</th>" for head in HEADS)
    rows = "".join(
        f"<tr class='{'good' if check.passed else 'bad'}'><td>{both(check.name, NAMES[check.name])}</td>"
        f"<td>{value_of(check)}</td><td>{check.bound:g} {check.unit}</td>"
        f"<td class='outcome'>{both(*(('passed', '合格') if check.passed else ('fell short', '不合格')))}"
        "</td></tr>"
        for check in checks
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _parts(timing: GraphTiming) -> str:
    heads = "".join(f"<th>{text}</th>" for text in ("", "p50 [ms]", "p99 [ms]", "max [ms]", "n"))
    rows = "".join(_row(name, spread) for name, spread in timing.spreads().items())
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _row(name: str, spread: Spread) -> str:
    times = (spread.p50_s, spread.p99_s, spread.max_s)
    cells = "".join(f"<td>{'-' if s is None else f'{1e3 * s:.2f}'}</td>" for s in times)
    return f"<tr><td>{both(name, NAMES[name])}</td>{cells}<td>{spread.n}</td></tr>"


def _plots(timing: GraphTiming) -> str:
    series = {"camera to command": timing.latency_s, "loop jitter": timing.jitter_s}
    series |= {part: np.asarray(timing.parts_s[part]) for part in PARTS}
    return "".join(
        f"<figure>{time_plot(values_s, name)}"
        f"<figcaption><b>{both(name, NAMES[name])}</b></figcaption></figure>"
        for name, values_s in series.items()
        if len(values_s)
    )
