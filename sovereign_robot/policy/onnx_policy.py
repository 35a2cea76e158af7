"""The student behind the Policy port: ONNX Runtime on one thread, no torch.

One thread: on a busy robot computer several wait for each other, and a call takes up to 100 times longer.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from sovereign_robot.contract.errors import CheckpointError, CommandError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array, Observation
from sovereign_robot.policy.bundle import POLICY_GRAPH, TEXT_GRAPH, Bundle, open_bundle
from sovereign_robot.policy.text import token_ids

# ONNX Runtime's errors have no base class of their own; these are what a wrong file leads to.
WRONG_FILE = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


class OnnxPolicy:
    """Observation to action chunk."""

    def __init__(self, bundle: Bundle) -> None:
        """Start both sessions; see `load`."""
        self.bundle = bundle
        self.contract = bundle.contract
        self.horizon = bundle.horizon
        self.max_committed = bundle.max_committed
        self._policy = _session(bundle.folder / POLICY_GRAPH)
        self._text = _session(bundle.folder / TEXT_GRAPH)
        self._instruction: str | None = None
        self._text_vector = np.zeros(0, dtype=np.float32)

    @classmethod
    def load(cls, folder: Path, robot: RobotContract) -> "OnnxPolicy":
        """Load a policy folder for a robot.

        Raises:
            CheckpointError: a file is missing, cut short or altered.
            ContractMismatch: it was made for another robot.
        """
        return cls(open_bundle(folder, robot))

    def reset(self) -> None:
        """Forget the episode so far; only the embedded instruction stays, which depends on its text alone."""

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        """Plan from one observation.

        The chunk is relative to the last committed row, or to the measured joints when nothing is committed.

        Raises:
            ObservationError: a stream is missing or does not fit the contract.
            InstructionError: the instruction is empty or too long.
            CommandError: more rows are committed than the policy can take, or they do not fit.
        """
        observation.validate(self.contract)
        rows = np.zeros((0, len(self.contract.joints))) if committed is None else committed
        self._check_committed(rows)
        promised = np.zeros((1, self.max_committed, len(self.contract.joints)), dtype=np.float32)
        promised[0, : len(rows)] = rows
        anchor = rows[-1] if len(rows) else observation.joint_position_rad
        inputs = {
            "images": np.stack([observation.images[name] for name in self.contract.camera_names])[None],
            "joints_rad": _row(observation.joint_position_rad),
            "text": self._embed(observation.instruction),
            "anchor_rad": _row(anchor),
            "committed_rad": promised,
            "mask": (np.arange(self.max_committed) < len(rows)).astype(np.float32)[None],
        }
        position = self._policy.run(None, inputs)[0][0].astype(np.float64)
        position[: len(rows)] = rows
        limited = np.clip(position, self.contract.lower_rad, self.contract.upper_rad)
        return ActionChunk(
            observation.stamp_s, self.contract.policy_step_s, self.contract.joint_names, limited
        )

    def _check_committed(self, rows: Array) -> None:
        shape = (self.max_committed, len(self.contract.joints))
        if rows.ndim != 2 or len(rows) > shape[0] or rows.shape[1] != shape[1] or not np.isfinite(rows).all():
            raise CommandError(
                f"committed rows have shape {rows.shape}, expected finite values of at most {shape}"
            )

    def _embed(self, instruction: str) -> np.ndarray:
        if instruction != self._instruction:
            self._text_vector = self._text.run(None, {"tokens": token_ids(instruction)})[0]
            self._instruction = instruction
        return self._text_vector


def _row(values: Array) -> np.ndarray:
    return values.astype(np.float32)[None]


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except WRONG_FILE as error:
        raise CheckpointError(
            f"policy file {path} cannot be loaded by ONNX Runtime ({error}): export it again"
        ) from error
