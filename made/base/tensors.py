"""Tensors in safetensors files; torch is imported where it is used."""

from pathlib import Path
from typing import TYPE_CHECKING

from made.base.errors import MadeError

if TYPE_CHECKING:
    from torch import Tensor


def save_tensors(path: Path, tensors: dict[str, "Tensor"], metadata: dict[str, str]) -> None:
    """Write tensors of any device, and text beside them."""
    from safetensors.torch import save_file

    contiguous = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    save_file(contiguous, path, metadata)


def load_tensors(path: Path) -> tuple[dict[str, "Tensor"], dict[str, str]]:
    """Tensors on the CPU and the metadata. Raises MadeError for a broken file."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
            return tensors, dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise MadeError(f"{path.name} is broken: start a new run of this set-up.") from error
