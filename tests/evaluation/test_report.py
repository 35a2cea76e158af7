import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import av
import numpy as np
import pytest

from sovereign_robot.contract.fakes import HoldPolicy
from sovereign_robot.evaluation.episodes import failures_first
from sovereign_robot.evaluation.report import write_report
from sovereign_robot.evaluation.rollout import RolloutSettings, rollout
from sovereign_robot.evaluation.run_report import RunReport
from sovereign_robot.evaluation.video import HEIGHT_PX, WIDTH_PX, episode_video
from sovereign_robot.sim.simulation import Simulation
from tests.evaluation.samples import sample_report, sample_result

VOID = {"meta", "br", "link", "img", "input", "path", "use"}


class Reader(HTMLParser):
    """Collects text, sources and tags that were not closed."""

    def __init__(self):
        super().__init__()
        self.open, self.sources, self.text = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.sources += [v for k, v in attrs if k in ("src", "href", "xlink:href") and v]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def report(simulation) -> RunReport:
    held = rollout(simulation, HoldPolicy(simulation.contract), 0, settings=RolloutSettings(timeout_s=0.3))
    others = [sample_result(i, language="en" if i % 2 else "ja") for i in range(1, 9)]
    silent = sample_result(9)
    return sample_report(
        [held, *others, replace(silent, command_rad=np.full_like(silent.command_rad, np.nan))]
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory, report) -> Path:
    return write_report(tmp_path_factory.mktemp("report"), report, 2)


def test_the_page_says_in_both_languages_what_came_out(written):
    text = read(written).text

    for words in (
        "90.0%",
        "59.6% .. 98.2%",
        "passed",
        "合格",
        "9 / 10",
        "0 .. 9",
        "Too few to claim",
        "少なすぎます",
    ):
        assert words in text
    for words in (
        "Observation to command",
        "観測から指令まで",
        "Loop jitter",
        "p50 30.00 ms",
        "shoulder_pan",
    ):
        assert words in text
    assert "put the <red> cube & go" in text


def test_the_page_loads_nothing_from_elsewhere(written):
    sources = read(written).sources

    assert any(s.startswith("data:video/mp4") for s in sources)
    assert all(s.startswith(("data:", "#")) for s in sources)
    assert "url(http" not in written.read_text(encoding="utf-8")


def test_the_numbers_lie_beside_the_page(written, report):
    beside = json.loads(written.with_name("report.json").read_text(encoding="utf-8"))

    assert beside == json.loads(json.dumps(report.as_dict()))


def test_a_run_without_an_episode_has_a_page_too(tmp_path):
    assert "fell short" in read(write_report(tmp_path, sample_report([]))).text


def test_a_run_of_several_tasks_shows_a_video_of_each_from_its_own_world(tmp_path, simulation):
    other, short = Simulation(simulation.contract, "reach"), RolloutSettings(timeout_s=0.3)
    shown = [rollout(each, HoldPolicy(each.contract), 0, settings=short) for each in (simulation, other)]
    other.close()
    path = write_report(tmp_path, sample_report(shown))

    assert len(read(path).sources) == 2
    assert "2 tasks" in read(path).text


def test_failures_come_first_then_both_languages_in_turn():
    episodes = [sample_result(i, language="en" if i > 2 else "ja", success=i != 4) for i in range(6)]

    assert [e.seed for e in failures_first(episodes)] == [4, 0, 3, 1, 5, 2]


def test_a_video_shows_the_episode_in_real_time(tmp_path, simulation):
    held = rollout(simulation, HoldPolicy(simulation.contract), 0, settings=RolloutSettings(timeout_s=1.0))
    path = tmp_path / "episode.mp4"
    path.write_bytes(episode_video(simulation, held))

    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        assert container.duration / av.time_base == pytest.approx(1.0, abs=0.15)
    assert (frames[0].width, frames[0].height) == (WIDTH_PX, HEIGHT_PX)
    assert frames[0].to_ndarray(format="rgb24").std() > 10.0


def test_an_episode_without_configurations_has_no_video(simulation):
    assert episode_video(simulation, sample_result(0)) == b""
