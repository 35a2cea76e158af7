import base64
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from sovereign_robot.evaluation.contact_sheet import Sheet, ShownEpisode, contact_sheet

CAMERAS = ("front", "wrist")
PNG = "data:image/png;base64,"


class Page(HTMLParser):
    """What a page says and shows; complains about a tag that is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.images: list[dict[str, str]] = []
        self.sources: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.sources += [v for k, v in attributes.items() if k in ("src", "href")]
        if tag == "img":
            self.images.append(attributes)
        if tag not in ("img", "meta", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def episode(index: int, task: str, language: str, instruction: str) -> ShownEpisode:
    pictures = {
        c: [picture(index, camera, moment) for moment in range(3)] for camera, c in enumerate(CAMERAS)
    }
    return ShownEpisode(index, task, instruction, language, 10 + index, 6.5, pictures)


def picture(index: int, camera: int, moment: int) -> np.ndarray:
    return np.full((48, 64, 3), (10 * index, 100 * camera, 60 * moment), dtype=np.uint8)


SHEET = Sheet(
    name="morning",
    robot="so101",
    cameras=CAMERAS,
    tasks={"place_in_bin": 4, "stack": 2},
    languages={"en": 3, "ja": 3},
    frames=900,
    duration_s=45.0,
    failed=2,
    facts={"version": "9.9", "noise": "0.03"},
)
SHOWN = [
    episode(0, "place_in_bin", "ja", "赤いキューブを左の箱に入れて"),
    episode(1, "place_in_bin", "en", "put the red cube in the left bin"),
    episode(4, "stack", "ja", "青いキューブを緑のキューブに重ねて"),
]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(contact_sheet(SHEET, SHOWN))


def test_the_page_loads_nothing_from_elsewhere(page):
    assert page.sources
    assert [source[:60] for source in page.sources if not source.startswith(PNG)] == []


def test_each_task_shows_its_share_with_sentence_language_and_seed(page):
    text = " ".join(page.text)
    assert "place_in_bin: 2 of 4 episodes" in text
    assert "stack: 1 of 2 episodes" in text
    assert "赤いキューブを左の箱に入れて" in text
    assert "put the red cube in the left bin" in text
    for words in (("seed", "シード"), ("success", "成功"), ("Japanese", "日本語"), ("start", "開始")):
        assert all(word in text for word in words)


def test_each_episode_shows_its_first_middle_and_last_frame_of_both_cameras(page):
    assert len(page.images) == len(SHOWN) * 3 * 2
    shown = [image for image in page.images if image["alt"].endswith("of episode 4")]
    wanted = [picture(4, camera, moment) for camera in range(2) for moment in range(3)]
    for image, pixels in zip(shown, wanted, strict=True):
        png = np.frombuffer(base64.b64decode(image["src"].removeprefix(PNG)), dtype=np.uint8)
        decoded = cv2.cvtColor(cv2.imdecode(png, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        np.testing.assert_array_equal(decoded, pixels)


def test_the_head_counts_episodes_and_keeps_failures_apart(page):
    text = "".join(page.text)
    assert "6episodes, each of them a success成功したエピソード · failed and left out失敗（除外） 2" in text
    assert "900 · 0.8 min · English英語 3 · Japanese日本語 3" in text
    assert "version9.9" in text


def test_a_sentence_cannot_break_the_page():
    html = contact_sheet(SHEET, [episode(0, "stack", "en", "<script>alert('x')</script>")])
    assert "<script" not in html
