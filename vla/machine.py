"""What the machine underneath can do: half precision, and an allocator that keeps what it has."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3  # glibc's malloc.h
_LARGEST_BLOCK_ON_HEAP = 32 * 2**20  # [B] the most that glibc accepts
_HEAP_STEP = 64 * 2**20  # [B]


@cache
def keep_freed_memory() -> bool:
    """Let glibc keep freed blocks, instead of handing them back and faulting each page in again: a training step on CPU
    took 4,400 page faults and a tenth of its time so (measured). Does nothing with another C library."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = ((_M_MMAP_THRESHOLD, _LARGEST_BLOCK_ON_HEAP), (_M_TRIM_THRESHOLD, 2**31 - 1), (_M_TOP_PAD, _HEAP_STEP))
    return all([mallopt(parameter, value) == 1 for parameter, value in settings])


@cache
def half_dtype(device_type: str) -> torch.dtype:
    """bfloat16 where the device computes in it natively, else float32."""
    if device_type == "cpu":
        native = torch.cpu._is_avx512_bf16_supported()
    else:
        native = device_type == "cuda" and torch.cuda.is_bf16_supported()
    return torch.bfloat16 if native else torch.float32


@contextmanager
def half_precision(device: torch.device) -> Iterator[torch.dtype]:
    """Autocast to `half_dtype`, which it yields."""
    dtype = half_dtype(device.type)
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        yield dtype
