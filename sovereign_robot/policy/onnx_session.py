"""How this package runs ONNX graphs: on one thread, and with a clear word about a wrong file.

One thread: on a busy robot computer several wait for each other, and a call takes up to 100 times longer.
"""

from pathlib import Path

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from sovereign_robot.contract.errors import CheckpointError

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


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """Load a graph; more threads than one only to measure them.

    Raises:
        CheckpointError: it is no graph that ONNX Runtime can run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except WRONG_FILE as error:
        raise CheckpointError(
            f"policy file {path} cannot be loaded by ONNX Runtime ({error}): export it again"
        ) from error
