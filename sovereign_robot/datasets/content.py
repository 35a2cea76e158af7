"""One number for what a dataset teaches, to compare two of them."""

import hashlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.datasets.layout import ACTION, COLLECTION_FILE, EXPERT, INFO_FILE, LABEL_ROWS, STATE

_FACTS = ("task", "seed", "split", "goal", "instruction", "language", "frames")


def content_sha256(root: Path) -> str:
    """Hash of states, actions, labels, what is to be imitated, tasks, seeds, goals and sentences, in order.

    Neither times of the clock nor the encoded pictures count.
    """
    import pyarrow.parquet

    collection = json.loads((root / COLLECTION_FILE).read_text(encoding="utf-8"))
    facts = [{name: episode[name] for name in _FACTS} for episode in collection["episodes"]]
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode())
    files = sorted(root.glob("data/**/*.parquet"))
    features = json.loads((root / INFO_FILE).read_text(encoding="utf-8"))["features"]
    numbers = [name for name in (STATE, ACTION, LABEL_ROWS) if name in features]
    columns = ["index", *numbers, EXPERT]
    table = pyarrow.parquet.ParquetDataset(files).read(columns=columns).sort_by("index")
    for column in numbers:
        values: NDArray[np.float32] = table[column].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        digest.update(np.ascontiguousarray(values, dtype="<f4").tobytes())
    digest.update(np.array(table[EXPERT].to_pylist(), dtype=np.uint8).tobytes())
    return digest.hexdigest()
