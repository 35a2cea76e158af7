import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.nodes.estop_line import SILENT_S, LineReader


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "line")
    return tmp_path / "line"


@pytest.fixture
def line(fifo: Path) -> Iterator[LineReader]:
    made = LineReader(fifo, 0.0)
    yield made
    made.close()


@pytest.fixture
def controller(fifo: Path, line: LineReader) -> Iterator[int]:
    """The other side of the line."""
    file = os.open(fifo, os.O_WRONLY)
    yield file
    os.close(file)


def test_before_it_has_said_that_it_is_closed_it_stops(line: LineReader, controller: int):
    assert "has not said yet that it is closed" in line.fault(0.0)


def test_while_it_says_so_all_is_well(line: LineReader, controller: int):
    os.write(controller, b"1")
    assert line.fault(1.0) == ""
    assert line.fault(1.0 + SILENT_S) == ""
    os.write(controller, b"1\r\n1\r\n")
    assert line.fault(1.3) == ""


def test_silence_stops_until_it_says_so_again(line: LineReader, controller: int):
    os.write(controller, b"1")
    line.fault(1.0)
    assert "has been silent for more than 0.2 s" in line.fault(1.01 + SILENT_S)
    os.write(controller, b"1")
    assert line.fault(2.0) == ""


@pytest.mark.parametrize("said", [b"0", b"1101", b"\x00", b"one"])
def test_anything_else_stops_and_silence_after_it_heals_nothing(
    line: LineReader, controller: int, said: bytes
):
    os.write(controller, said)
    assert "is open" in line.fault(1.0)
    assert "is open" in line.fault(1.01)


def test_a_controller_that_is_gone_stops(line: LineReader, fifo: Path):
    file = os.open(fifo, os.O_WRONLY)
    os.write(file, b"1")
    assert line.fault(1.0) == ""
    os.close(file)
    assert "nobody writes to" in line.fault(1.01)


def test_a_device_that_is_not_there_is_refused_by_name(tmp_path: Path):
    with pytest.raises(UsageError, match=r"line .*/nowhere cannot be read: No such file"):
        LineReader(tmp_path / "nowhere", 0.0)
