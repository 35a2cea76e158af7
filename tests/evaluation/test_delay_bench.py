from pathlib import Path

import pytest

from sovereign_robot.control.chunking import Chunking
from sovereign_robot.evaluation.delay_bench import Cell, DelayTable, Run
from sovereign_robot.evaluation.delay_page import write_delay_page
from sovereign_robot.evaluation.smoothness import Smoothness


def cell(
    chunking: Chunking,
    delay_ms: int,
    successes: int,
    seam: float = 0.5,
    asked: float = 0.25,
    seconds: float = 4.0,
) -> Cell:
    smooth = Smoothness(0.4, seam, seam, asked, 100.0)
    runs = tuple(Run("reach", s, s < successes, seconds, int(s == 0), smooth) for s in range(100))
    return Cell(chunking, delay_ms, runs)


def table(prefix: list[int], switch: list[int], **changes: float) -> DelayTable:
    cells = [cell(Chunking.PREFIX, d, n, **changes) for d, n in zip((0, 100, 400), prefix, strict=True)]
    cells += [cell(Chunking.SWITCH, d, n) for d, n in zip((0, 100, 400), switch, strict=True)]
    return DelayTable(cells)


def test_a_cell_is_held_against_its_own_strategy_without_delay_scene_by_scene():
    measured = table([95, 93, 86], [90, 90, 90])
    lost = measured.lost(measured.cell(Chunking.PREFIX, 400))
    assert (lost.first_only, lost.second_only, lost.difference) == (9, 0, pytest.approx(-0.09))


@pytest.mark.parametrize(
    ("prefix", "seam", "asked", "passed"),
    [
        ([95, 93, 85], 1.0, 1.0, True),
        ([95, 92, 85], 0.9, 0.9, False),
        ([95, 94, 84], 0.9, 0.9, False),
        ([95] * 3, 1.1, 0.9, False),
        ([95] * 3, 0.9, 1.1, False),
    ],
)
def test_a_strategy_passes_when_it_loses_little_and_keeps_the_limits(prefix, seam, asked, passed):
    assert table(prefix, [0, 0, 0], seam=seam, asked=asked).passed(Chunking.PREFIX) is passed


def test_the_most_successes_are_recommended_and_of_equal_ones_the_quickest():
    assert table([95, 93, 86], [95, 94, 86]).recommended is Chunking.SWITCH
    assert table([95, 93, 86], [95, 93, 86], seconds=3.0).recommended is Chunking.PREFIX


def test_the_page_holds_every_cell_its_interval_and_the_recommendation(tmp_path: Path):
    page = tmp_path / "docs" / "latency.md"
    write_delay_page(table([95, 93, 86], [90, 90, 70]), {"seeds": "0 .. 99"}, page)
    text = page.read_text(encoding="utf-8")
    assert (
        "| `prefix` | 400 ms | 86/100 | 77.9 .. 91.5 % | -9.0 | 9 / 0 | 4.0 | 0.25 | 0.50 | 100 | 1 % |"
        in text
    )
    assert "- seeds: 0 .. 99" in text
    assert "Recommended: `prefix`" in text
