from collections import defaultdict

import cv2
import numpy as np
import pytest
from rerun.chunk import RrdReader

from sovereign_robot.datasets.episodes import read_episodes
from sovereign_robot.datasets.lerobot_v3 import open_as_recorded
from sovereign_robot.datasets.rerun_recording import COMMAND, MEASURED, PAUSE_S, SENTENCE, write_recording
from tests.datasets.collected import collected_episode, write_collected

CHOSEN = (1, 4)


@pytest.fixture(scope="module")
def logged(tmp_path_factory) -> dict[str, list[dict]]:
    """Every logged row by entity, in the order of time."""
    folder = tmp_path_factory.mktemp("recorded")
    dataset = open_as_recorded(write_collected(folder / "dataset"))
    episodes = read_episodes(dataset)
    write_recording(folder / "episodes.rrd", dataset, [episodes[i] for i in CHOSEN])
    rows: dict[str, list[dict]] = defaultdict(list)
    for chunk in RrdReader(folder / "episodes.rrd").stream().to_chunks():
        if not chunk.is_static:
            rows[chunk.entity_path] += chunk.to_record_batch().to_pylist()
    return {entity: sorted(found, key=lambda row: row["time"]) for entity, found in rows.items()}


def test_every_frame_of_both_cameras_is_there_as_it_was_seen(logged):
    for camera in ("front", "wrist"):
        rows = logged[f"/{camera}"]
        assert len(rows) == sum(len(collected_episode(i).stamp_s) for i in CHOSEN)
        blob = np.array(rows[0]["EncodedImage:blob"][0], dtype=np.uint8)
        image = cv2.cvtColor(cv2.imdecode(blob, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        assert np.abs(image.astype(int) - collected_episode(CHOSEN[0]).images[camera][0]).mean() < 5.0


def test_joints_and_commands_are_those_of_the_episodes(logged):
    recorded = [collected_episode(i) for i in CHOSEN]
    for entity, name in ((MEASURED, "joint_position_rad"), (COMMAND, "action_rad")):
        values = [row["Scalars:scalars"] for row in logged[f"/{entity}"]]
        np.testing.assert_allclose(values, np.concatenate([getattr(e, name) for e in recorded]), atol=1e-6)


def test_episodes_follow_one_another_with_a_pause_and_their_sentence(logged):
    texts = [row["TextDocument:text"][0] for row in logged[f"/{SENTENCE}"]]
    assert [text.splitlines()[0] for text in texts] == [collected_episode(i).instruction for i in CHOSEN]
    first, second = (row["time"].total_seconds() for row in logged[f"/{SENTENCE}"])
    lasts_s = collected_episode(CHOSEN[0]).stamp_s[-1]
    assert second == pytest.approx(first + lasts_s + PAUSE_S, abs=0.01)


def test_a_recording_holds_nothing_but_the_robot(logged):
    assert set(logged) - {"/__properties"} == {
        "/front",
        "/wrist",
        f"/{MEASURED}",
        f"/{COMMAND}",
        f"/{SENTENCE}",
    }
