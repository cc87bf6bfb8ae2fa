"""Why a training cannot go on, and how to tell that memory ran out; torch is not needed."""

from __future__ import annotations

from made.base.errors import MadeError

# What torch says on a CPU, where it raises a RuntimeError like any other.
_WORDS = ("not enough memory", "can't allocate memory")


class TrainingFailure(MadeError):
    """Training cannot go on; the last good checkpoint stays.

    step: minibatches since the start of the run, up to where it went wrong.
    """

    def __init__(self, cause: str, step: int):
        super().__init__(f"{cause} The last good checkpoint is kept.")
        self.cause = cause
        self.step = step


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of Python, numpy or torch says that memory ran out."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)


def memory_sentence(device: str) -> str:
    """What a person is told, and can do, when memory ran out on a device."""
    return (
        f"Memory ran out on {device}: choose a smaller batch, smaller hidden layers or another "
        "device."
    )
