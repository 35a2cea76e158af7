"""The card of a policy, for people: what it can do, what it learnt from, what may be done with it."""

from collections.abc import Mapping, Sequence
from typing import Any

LICENCES = (
    ("policy.onnx", "Apache-2.0", "trained from nothing by this package"),
    ("text.onnx", "Apache-2.0", "trained from nothing by this package, on sentences of its own grammars"),
    (
        "training data",
        "Apache-2.0",
        "made in simulation from this package's own models; no pictures of people",
    ),
)


def card(facts: Mapping[str, Any]) -> str:
    """Markdown in English and Japanese from what `policy.json` says."""
    contract, student, runs = facts["contract"], facts["student"], [*facts["history"], facts]
    cameras = ", ".join(f"{c['name']} {c['width_px']}x{c['height_px']}" for c in contract["cameras"])
    size = facts["parameters"]
    lines = [
        f"# Policy for {contract['name']} / {contract['name']} 用ポリシー",
        "",
        f"Trained with sovereign_robot {facts['version']}; every figure on this page is from `policy.json` "
        "beside it. このページの数値はすべて隣の `policy.json` によります。",
        *_notes(facts),
        "",
        "## What goes in and out / 入出力",
        "",
        f"- Robot: {contract['name']}, joints {', '.join(j['name'] for j in contract['joints'])} [rad]",
        f"- Cameras: {cameras} px, {contract['policy_rate_hz']:g} Hz",
        f"- Output: {student['horizon']} joint targets, {contract['policy_rate_hz']:g} Hz, "
        f"relative to: {student['action_space']}",
        f"- Tasks: {', '.join(facts['goal_code']['task'])}",
        f"- Parameters: {size['student']:,} and {size['text']:,} of the text encoder",
        "",
        "## Data / 学習データ",
        "",
        *dict.fromkeys(line for run in runs for line in _data(run["datasets"])),
        "",
        "## Training / 学習",
        "",
        *(_run(number, run) for number, run in enumerate(runs)),
        "",
        "## Licences / ライセンス",
        "",
        *(f"- {part}: {licence}, {origin}" for part, licence, origin in LICENCES),
        "",
        "## Limits / 限界",
        "",
        "- Learnt in one simulated arm; it has never moved a real one. 実機での動作は確認されていません。",
        "- What it was not taught it cannot do: see `familiarity` in `policy.json`. "
        "学習していない指示には従えません。",
    ]
    return "\n".join(lines) + "\n"


def _notes(facts: Mapping[str, Any]) -> list[str]:
    """What a person wrote into `policy.json` about how it was made."""
    return ["", *(f"- {note}" for note in facts.get("notes", ()))]


def _data(datasets: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"- {d['successes']} episodes ({d['frames']} frames), split {d['split']}, seeds from {d['seed']}, "
        + (
            "a student acted, the expert labelled"
            if d["student"]
            else f"the expert acted, noise {d['noise']}"
        )
        + f"; languages {', '.join(f'{name} {count}' for name, count in d['languages'].items())}; "
        f"content {d.get('content_sha256', 'unknown')[:12]}"
        for d in datasets
    ]


def _run(number: int, run: Mapping[str, Any]) -> str:
    recipe = run["recipe"]
    return (
        f"- Run {number}: {run['step']} steps of {recipe['batch']} samples in {run['seconds']:.0f} s, "
        f"{recipe['processes']} processes, seed {recipe['seed']}, learning rate {recipe['learning_rate']:g}, "
        f"{len(run['datasets'])} datasets, last loss {run['loss']:g}"
    )
