import pytest

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.datasets.integrity import require_whole_mp4


def box(kind: bytes, size: int) -> bytes:
    return size.to_bytes(4, "big") + kind + bytes(size - 8)


def large_box(kind: bytes, size: int) -> bytes:
    return (1).to_bytes(4, "big") + kind + size.to_bytes(8, "big") + bytes(size - 16)


def last_box(kind: bytes, size: int) -> bytes:
    return (0).to_bytes(4, "big") + kind + bytes(size - 8)


@pytest.mark.parametrize(
    "content",
    [
        box(b"ftyp", 24) + box(b"moov", 100) + box(b"mdat", 300),
        box(b"ftyp", 24) + large_box(b"mdat", 300) + box(b"moov", 100),
        box(b"moov", 100) + last_box(b"mdat", 300),
    ],
)
def test_boxes_that_fill_the_file_are_whole(tmp_path, content):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)

    require_whole_mp4(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello, this is text and not a film",
        box(b"ftyp", 24) + box(b"mdat", 300),
        (box(b"ftyp", 24) + box(b"moov", 100) + box(b"mdat", 300))[:-1],
    ],
)
def test_anything_else_is_refused(tmp_path, content):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)

    with pytest.raises(DatasetError, match=r"a\.mp4 is cut short or is not MP4"):
        require_whole_mp4(path)
