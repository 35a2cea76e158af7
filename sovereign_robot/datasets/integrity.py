"""Whether the files of a dataset are whole, so that a recording cut short is found before training."""

from pathlib import Path

from sovereign_robot.contract.errors import DatasetError


def count_rows(root: Path) -> int:
    """Rows of all parquet files under `data/`, from their footers.

    Raises:
        DatasetError: a parquet file of the dataset is cut short or is not parquet.
    """
    import pyarrow.lib
    import pyarrow.parquet

    rows = 0
    for path in sorted([*root.glob("data/**/*.parquet"), *root.glob("meta/**/*.parquet")]):
        try:
            metadata = pyarrow.parquet.read_metadata(path)
        except (pyarrow.lib.ArrowException, OSError) as error:
            raise DatasetError(
                f"dataset file {path} is cut short or is not parquet ({path.stat().st_size} bytes): "
                "collect the dataset again"
            ) from error
        rows += metadata.num_rows if path.is_relative_to(root / "data") else 0
    return rows


def require_whole_mp4(path: Path) -> None:
    """Walk the boxes of an MP4 file (ISO/IEC 14496-12, 4.2: size and type lead each box).

    Raises:
        DatasetError: the boxes do not end where the file ends, or the index or the pictures are missing.
    """
    size, offset, found = path.stat().st_size, 0, set()
    with path.open("rb") as file:
        while offset + 8 <= size:
            file.seek(offset)
            head = file.read(16)
            length = int.from_bytes(head[:4], "big")
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            elif length == 0:
                length = size - offset
            if length < 8:
                break
            found.add(head[4:8])
            offset += length
    if offset != size or not {b"moov", b"mdat"} <= found:
        raise DatasetError(
            f"dataset file {path} is cut short or is not MP4 ({size} bytes): collect the dataset again"
        )
