"""The student behind the Policy port: ONNX Runtime, no torch."""

from pathlib import Path

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array, Observation, Understanding
from sovereign_robot.policy.bundle import POLICY_GRAPH, TEXT_GRAPH, Bundle, open_bundle
from sovereign_robot.policy.familiarity import Listening
from sovereign_robot.policy.onnx_session import open_session
from sovereign_robot.policy.promises import chunk_after, promised_rows
from sovereign_robot.policy.text_encoder import OnnxTextEncoder


class OnnxPolicy:
    """Observation to action chunk."""

    def __init__(self, bundle: Bundle, threads: int = 1) -> None:
        """Start both sessions; see `load`."""
        self.bundle = bundle
        self.contract = bundle.contract
        self.horizon = bundle.horizon
        self.max_committed = bundle.max_committed
        self._cameras = tuple(bundle.facts["student"].get("cameras", self.contract.camera_names))
        self._policy = open_session(bundle.folder / POLICY_GRAPH, threads)
        self.text = OnnxTextEncoder(
            bundle.folder / TEXT_GRAPH, f"{TEXT_GRAPH} of policy {bundle.sha256[:12]}"
        )
        self._listening = Listening(self.text, bundle.facts)

    @classmethod
    def load(cls, folder: Path, robot: RobotContract, threads: int = 1) -> "OnnxPolicy":
        """Load a policy folder for a robot.

        Raises:
            CheckpointError: a file is missing, cut short or altered.
            ContractMismatch: it was made for another robot.
        """
        return cls(open_bundle(folder, robot), threads)

    def reset(self) -> None:
        """Forget the episode so far; only embedded sentences stay, which depend on their text alone."""

    def understand(self, text: str) -> Understanding:
        """What a sentence asks for, and whether it is like those that were learnt.

        Raises:
            InstructionError: the sentence is empty or too long.
        """
        return self._listening.understand(text)

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        """Plan from one observation.

        The chunk is relative to the last committed row, or to the measured joints when nothing is committed.

        Raises:
            ObservationError: a stream is missing or does not fit the contract.
            InstructionError: the instruction is empty or too long.
            CommandError: more rows are committed than the policy can take, or they do not fit.
        """
        observation.validate(self.contract)
        rows = promised_rows(committed, self.contract, self.max_committed)
        promised = np.zeros((1, self.max_committed, len(self.contract.joints)), dtype=np.float32)
        promised[0, : len(rows)] = rows
        anchor = rows[-1] if len(rows) else observation.joint_position_rad
        inputs = {
            "images": np.stack([observation.images[name] for name in self._cameras])[None],
            "joints_rad": _row(observation.joint_position_rad),
            "text": self.text.encode(observation.instruction)[None],
            "anchor_rad": _row(anchor),
            "committed_rad": promised,
            "mask": (np.arange(self.max_committed) < len(rows)).astype(np.float32)[None],
        }
        position = self._policy.run(None, inputs)[0][0].astype(np.float64)
        return chunk_after(rows, position, self.contract, observation.stamp_s)


def _row(values: Array) -> np.ndarray:
    return values.astype(np.float32)[None]
