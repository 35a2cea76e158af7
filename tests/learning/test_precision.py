from pathlib import Path

import torch

from sovereign_robot.learning.precision import computes_in_bf16

INSTRUCTIONS = {"avx512_bf16", "amx_tile"}


def test_without_a_gpu_the_processor_must_have_the_instructions():
    if torch.cuda.is_available():
        assert computes_in_bf16() == torch.cuda.is_bf16_supported()
        return
    had = INSTRUCTIONS & set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    if "avx512_bf16" in had:
        assert computes_in_bf16()
    elif not had:
        assert not computes_in_bf16()
