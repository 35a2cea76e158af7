"""`report.json` and `report.html` of what a policy costs: each value with its bound, English and Japanese."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from sovereign_robot.evaluation.page import both, facts_table, page, section
from sovereign_robot.evaluation.plots import time_plot
from sovereign_robot.evaluation.policy_bench import Check, PolicyCost

KIND = "policy"
HEADS = (("", ""), ("measured", "計測値"), ("at most", "上限"), ("", ""))
NAMES = {
    "inference p50": "推論 p50",
    "inference p99": "推論 p99",
    "resident memory": "常駐メモリ",
    "cold start to first action": "起動から最初の行動まで",
}
NOTE = both(
    "Measured in fresh processes that only run the policy, on one thread, preprocessing included.",
    "方策の読み込みと推論だけを行う新しいプロセスで、1 スレッド、前処理込みで計測しています。",
)


def write_policy_report(
    out: Path, cost: PolicyCost, checks: Sequence[Check], facts: Mapping[str, str]
) -> Path:
    """Write both files into a folder that exists; returns the page's path."""
    data = {
        "kind": KIND,
        "passed": all(check.passed for check in checks),
        "checks": [
            {"name": c.name, "value": round(c.value, 4), "bound": c.bound, "unit": c.unit, "passed": c.passed}
            for c in checks
        ],
        **cost.as_dict(),
        "facts": dict(facts),
    }
    (out / "report.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    path = out / "report.html"
    path.write_text(_html(cost, checks, facts), encoding="utf-8")
    return path


def cost_facts(cost: PolicyCost) -> dict[str, str]:
    """What has no bound, as lines for people."""
    starts = ", ".join(f"{s:.2f}" for s in cost.cold_start_s)
    return {
        "inference": f"p50 {cost.percentile_ms(50):.2f} ms, p95 {cost.percentile_ms(95):.2f} ms, "
        f"p99 {cost.percentile_ms(99):.2f} ms, max {cost.percentile_ms(100):.2f} ms, "
        f"n {len(cost.inference_s)}",
        "memory": f"{cost.resident_mb:.0f} MB at the end, {cost.peak_mb:.0f} MB at most",
        "cold starts": f"{starts} s",
        "parameters": f"{cost.parameters:,}",
        "graphs": ", ".join(f"{n} {s.weights:,} at opset {s.opset}" for n, s in cost.stored.items()),
        "files": ", ".join(f"{name} {size / 1e6:.2f} MB" for name, size in cost.files.items()),
        "policy sha256": cost.bundle.sha256,
    }


def _html(cost: PolicyCost, checks: Sequence[Check], facts: Mapping[str, str]) -> str:
    passed = sum(check.passed for check in checks)
    head = (
        f"<div class='headline {'good' if passed == len(checks) else 'bad'}'>"
        f"<div class='big'>{cost.percentile_ms(50):.1f} ms</div><div>"
        f"<p><b>{passed}/{len(checks)}</b> {both('bounds kept', '上限内')}</p><p>{NOTE}</p></div></div>"
    )
    heads = "".join(f"<th>{both(*head)}</th>" for head in HEADS)
    rows = "".join(_row(check) for check in checks)
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    figure = f"<figure>{time_plot(cost.inference_s, 'one inference')}</figure>"
    body = (
        head
        + section("Bounds", "上限", table)
        + section("Inference", "推論時間", f"<div class='grid'>{figure}</div>")
        + section("Facts", "事実", facts_table(cost_facts(cost) | dict(facts)))
    )
    return page("Cost of a policy / 方策のコスト", body)


def _row(check: Check) -> str:
    verdict = both("passed", "合格") if check.passed else both("fell short", "不合格")
    return (
        f"<tr class='{'good' if check.passed else 'bad'}'><td>{both(check.name, NAMES[check.name])}</td>"
        f"<td>{check.value:.2f} {check.unit}</td><td>{check.bound:g} {check.unit}</td>"
        f"<td class='outcome'>{verdict}</td></tr>"
    )
