"""Whether this machine computes in bfloat16, which halves the time of a convolution where it does."""

import torch


def computes_in_bf16() -> bool:
    """Whether the GPU does, or, without one, the processor.

    A processor with AVX-512 BF16 or AMX does; emulated it would be slower than float32.
    """
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
