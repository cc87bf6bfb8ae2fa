"""Tensors in safetensors files; torch is imported where it is used."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from made.base.errors import MadeError

if TYPE_CHECKING:
    from torch import Tensor

MAX_HEADER_BYTES = 10_000_000


def save_tensors(path: Path, tensors: dict[str, "Tensor"], metadata: dict[str, str]) -> None:
    """Write tensors of any device, and text beside them."""
    from safetensors.torch import save_file

    contiguous = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    save_file(contiguous, path, metadata)


@dataclass(frozen=True)
class Header:
    """What a file says before its tensors: their shapes by their names, and text."""

    shapes: dict[str, tuple[int, ...]]
    metadata: dict[str, str]


def read_header(path: Path) -> Header:
    """The header alone, without torch. Raises MadeError for a broken file."""
    from safetensors import SafetensorError, safe_open

    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
        if length > MAX_HEADER_BYTES:
            raise MadeError(f"{path.name} is broken, its header is too long: start a new run.")
        with safe_open(path, "np") as tensors:
            shapes = {
                name: tuple(tensors.get_slice(name).get_shape())
                for name in tensors.keys()  # noqa: SIM118
            }
            return Header(shapes, dict(tensors.metadata() or {}))
    except (OSError, SafetensorError) as error:
        raise MadeError(f"{path.name} is broken: start a new run of this set-up.") from error


def load_tensors(path: Path) -> tuple[dict[str, "Tensor"], dict[str, str]]:
    """Tensors on the CPU and the metadata. Raises MadeError for a broken file."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
            return tensors, dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise MadeError(f"{path.name} is broken: start a new run of this set-up.") from error
