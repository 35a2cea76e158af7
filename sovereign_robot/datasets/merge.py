"""Takes become the dataset, at once: a kill at any moment leaves the dataset before, or the one after.

    <dataset>/data, videos, meta       the LeRobot dataset
    <dataset>/takes/                   what it was made of (`takes.py`), and of the collection that makes it:
        recipe.json                    what is collected; the same command goes on with it
        robot_contract.json            with which robot
        elapsed.json                   for how long
        lock                           held by the one process that collects or merges
        merged/                        a whole dataset on its way to its place

A dataset is made from the whole takes in `takes/unfinished`, renamed to `takes/merged` when it is whole, and
moved from there part by part; whoever finds `takes/merged` moves the rest. What a killed collection left is
merged when its dataset is opened. Once a dataset is complete, `takes/` may be deleted: it only cannot grow.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.datasets.collection import Recipe, report
from sovereign_robot.datasets.content import content_sha256
from sovereign_robot.datasets.durable import new_folder, read_json, write_json
from sovereign_robot.datasets.layout import COLLECTION_FILE, CONTRACT_FILE, PARTS
from sovereign_robot.datasets.lerobot_writer import write_lerobot
from sovereign_robot.datasets.takes import (
    TAKES,
    TakeId,
    done_takes,
    drop_unfinished,
    failed_takes,
    read_facts,
    read_take,
    unfinished,
)

RECIPE_FILE, TAKES_CONTRACT_FILE, ELAPSED_FILE, LOCK_FILE = (
    f"{TAKES}/recipe.json",
    f"{TAKES}/robot_contract.json",
    f"{TAKES}/elapsed.json",
    f"{TAKES}/lock",
)
MERGED = f"{TAKES}/merged"

# Passes the takes on, one by one, to whoever shows how far the merge is.
Follow = Callable[[list[TakeId]], Iterable[TakeId]]


@contextmanager
def hold(root: Path) -> Iterator[None]:
    """Be the only process that collects into a dataset or merges it; the hold ends with the process.

    Raises:
        DatasetError: another process is.
    """
    path = root / LOCK_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise DatasetError(
                f"dataset {root} is being collected by process {lock.read() or 'unknown'}: "
                "wait until it ends, or stop it"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def begin(root: Path, recipe: Recipe, contract: RobotContract) -> None:
    """Write down what is collected, or find that it is what was begun here.

    Raises:
        DatasetError, ContractMismatch: something else was begun; lists every difference.
        DatasetError: the dataset is there but its takes were deleted.
    """
    if is_begun(root):
        recorded = RobotContract.from_yaml(root / TAKES_CONTRACT_FILE)
        contract.require_match(recorded, theirs="dataset")
        recipe.require_match(read_json(root / RECIPE_FILE))
    elif (root / COLLECTION_FILE).is_file():
        recipe.require_match(read_json(root / COLLECTION_FILE))
        raise DatasetError(
            f"dataset {root} cannot grow, because its folder {TAKES} was deleted: collect into another --out"
        )
    drop_unfinished(root)
    contract_json = json.loads(contract.model_dump_json())
    write_json(root / TAKES_CONTRACT_FILE, contract_json)
    write_json(root / RECIPE_FILE, vars(recipe))


def is_begun(root: Path) -> bool:
    """Whether a collection into this folder was begun."""
    return (root / RECIPE_FILE).is_file()


def elapsed_s(root: Path) -> float:
    """Time that a collection ran, over all its runs [s]."""
    path = root / ELAPSED_FILE
    return float(read_json(path)["elapsed_s"]) if path.is_file() else 0.0


def write_elapsed(root: Path, seconds: float) -> None:
    """Keep the time that a collection ran."""
    write_json(root / ELAPSED_FILE, {"elapsed_s": seconds})


def collected(root: Path) -> dict[str, Any]:
    """What `meta/collection.json` holds, or the same of a collection that has no whole episode yet."""
    if (root / COLLECTION_FILE).is_file():
        return read_json(root / COLLECTION_FILE)
    failures = [read_facts(root, take, False) for take in failed_takes(root)]
    return report(read_recipe(root), [], failures, elapsed_s(root))


def finish_merge(root: Path) -> None:
    """Make the dataset hold what the takes hold, where a collection was killed before it did.

    Raises:
        DatasetError: the collection still runs, or a take was damaged.
    """
    if not is_merged(root):
        with hold(root):
            drop_unfinished(root)
            merge(root)


def merge(root: Path, follow: Follow = iter) -> None:
    """Make the dataset from the takes, unless it holds them already; without a whole take there is none.

    The caller holds the dataset (`hold`).

    Raises:
        DatasetError: a take was damaged.
    """
    _install(root)
    if not is_merged(root):
        with new_folder(root / MERGED, unfinished(root)) as folder:
            _write(root, folder, follow)
        _install(root)


def is_merged(root: Path) -> bool:
    """Whether the dataset holds what the takes hold."""
    if not is_begun(root):
        return True
    if (root / MERGED).exists():
        return False
    recipe = read_recipe(root)
    chosen, failed = recipe.choose(done_takes(root)), failed_takes(root)
    if not (root / COLLECTION_FILE).is_file():
        return not chosen
    there = read_json(root / COLLECTION_FILE)
    return (
        there.get("episodes_per_task") == recipe.episodes_per_task
        and [(e["task"], e["seed"]) for e in there.get("episodes", ())] == chosen
        and [(f["task"], f["seed"]) for f in there.get("failures", ())] == failed
    )


def _write(root: Path, folder: Path, follow: Follow) -> None:
    """The whole dataset, not yet in its place."""
    start_s = time.monotonic()
    recipe, contract = read_recipe(root), RobotContract.from_yaml(root / TAKES_CONTRACT_FILE)
    chosen = recipe.choose(done_takes(root))
    made = folder / "dataset"
    write_lerobot(made, contract, (read_take(root, take, contract) for take in follow(chosen)))
    for part in PARTS:
        (made / part).rename(folder / part)
    shutil.rmtree(made)
    (folder / CONTRACT_FILE).write_text(contract.model_dump_json(indent=2) + "\n", encoding="utf-8")
    episodes = [read_facts(root, take, True) for take in chosen]
    failures = [read_facts(root, take, False) for take in failed_takes(root)]
    merge_s = time.monotonic() - start_s
    collection = report(recipe, episodes, failures, elapsed_s(root) + merge_s)
    write_json(folder / COLLECTION_FILE, collection)
    hashed = {"content_sha256": content_sha256(folder), "merge_s": round(merge_s, 1), **collection}
    write_json(folder / COLLECTION_FILE, hashed)


def _install(root: Path) -> None:
    """Move a merged dataset to its place; the parts that were moved before a kill are there already."""
    merged = root / MERGED
    if not merged.is_dir():
        return
    for part in PARTS:
        if (merged / part).is_dir():
            shutil.rmtree(root / part, ignore_errors=True)
            (merged / part).rename(root / part)
    merged.rmdir()


def read_recipe(root: Path) -> Recipe:
    """What is collected.

    Raises:
        FileNotFoundError: nothing was begun here.
        DatasetError: another version began it, whose recipes hold other things.
    """
    recipe = read_json(root / RECIPE_FILE)
    try:
        return Recipe(**recipe)
    except TypeError as error:
        raise DatasetError(
            f"dataset {root} was begun by version {recipe.get('version')} of sovereign-robot: "
            "go on with that version or collect into another --out"
        ) from error
