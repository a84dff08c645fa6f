"""One file with tensors and what is to be known about them: safetensors, with JSON and a digest in its header."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from envs.errors import UserError
from envs.storage import write_bytes

KIND, ABOUT, DIGEST = "gradatim", "about", "digest"  # keys of the header's metadata


def write_tensors(path: Path, kind: str, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
    """Write atomically; `kind` says what the file is."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    metadata = {KIND: kind, ABOUT: json.dumps(about), DIGEST: _digest(plain)}
    write_bytes(path, save(plain, metadata))


def read_tensors(path: Path, kind: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors on CPU and what is known of them; raises `UserError` for a file that is missing, foreign or damaged."""
    if not path.is_file():
        raise UserError(f"There is no {kind} at {path}.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path} is no {kind}, or a damaged one: {error}.") from error
    if metadata.get(KIND) != kind:
        raise UserError(f"{path} is no {kind} of Gradatim: it says it is '{metadata.get(KIND, 'nothing known')}'.")
    if metadata.get(DIGEST) != _digest(tensors):
        raise UserError(f"The {kind} {path} is damaged: its numbers are not those that were written.")
    return tensors, json.loads(metadata[ABOUT])


def _digest(tensors: dict[str, Tensor]) -> str:
    total = hashlib.sha256()
    for name in sorted(tensors):
        total.update(name.encode())
        total.update(tensors[name].reshape(-1).view(torch.uint8).numpy().data)
    return total.hexdigest()
