import json
from pathlib import Path

from sovereign_robot.learning.card import card
from sovereign_robot.learning.export import CARD
from sovereign_robot.policy.bundle import FACTS
from sovereign_robot.policy.run_datasets import spread

DATASET = {
    "successes": 30,
    "frames": 4000,
    "split": "train",
    "seed": 7,
    "student": "",
    "noise": 0.03,
    "languages": {"en": 14, "ja": 16},
    "content_sha256": "0123456789abcdef",
}


def test_a_policy_folder_has_its_card(tiny_policy_dir: Path):
    facts = spread(json.loads((tiny_policy_dir / FACTS).read_text(encoding="utf-8")))

    assert (tiny_policy_dir / CARD).read_text(encoding="utf-8") == card(facts)


def test_a_card_tells_data_runs_sizes_and_licences(tiny_policy_dir: Path):
    facts = spread(json.loads((tiny_policy_dir / FACTS).read_text(encoding="utf-8")))
    relabelled = DATASET | {"student": "abc", "noise": 0.0}
    earlier = {name: facts[name] for name in ("recipe", "datasets", "step", "loss", "seconds")}
    page = card(facts | {"datasets": [DATASET, relabelled], "history": [earlier]})

    assert "- 30 episodes (4000 frames), split train, seeds from 7, the expert acted, noise 0.03" in page
    assert "a student acted, the expert labelled" in page
    assert "content 0123456789ab" in page
    assert "Run 0: 0 steps of 8 samples" in page
    assert "Run 1: 0 steps of 8 samples" in page
    assert f"{facts['parameters']['student']:,}" in page
    assert page.count("Apache-2.0") == 3
