"""How a seed begins in every task and split, as hashes; also a program, to ask a second process."""

import hashlib
import json
import sys

from sovereign_robot.sim.env import TabletopEnv
from sovereign_robot.sim.tasks.registry import TASKS

SEED = 11
SPLITS = ("train", "visual", "clutter")  # what is drawn differs most between these


def first_moments() -> dict[str, dict[str, str]]:
    """By task and split the hash of the whole state, of the pictures and of what is asked."""
    hashes = {}
    for task in TASKS:
        env = TabletopEnv(task)
        for split in SPLITS:
            observation, info = env.reset(seed=SEED, options={"split": split})
            data = env.simulation.data
            hashes[f"{task} {split}"] = {
                "state": _hash(data.qpos.tobytes(), data.qvel.tobytes(), observation["agent_pos"].tobytes()),
                "pictures": _hash(*(image.tobytes() for image in observation["pixels"].values())),
                "asked": _hash(json.dumps(info, ensure_ascii=False).encode()),
            }
        env.close()
    return hashes


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


if __name__ == "__main__":
    json.dump(first_moments(), sys.stdout)
