"""What to say when training fails."""

from made.base.errors import MadeError
from made.runs import disk
from made.runs.folder import Run
from made.training.failures import is_out_of_memory, memory_sentence


def explain(error: Exception, device: str, run: Run) -> tuple[str, str]:
    """One sentence for a person on why a run failed, and the cause in a few words."""
    if isinstance(error, MadeError):
        cause = getattr(error, "cause", str(error))
        return cause, cause
    if disk.is_full(error):
        return disk.full_sentence(run), "disk full"
    if is_out_of_memory(error):
        return memory_sentence(device), "out of memory"
    first_line = str(error).strip().partition("\n")[0]
    cause = f"{type(error).__name__}: {first_line}"
    return f"Training failed with {cause.rstrip('.')}; log.txt in the run folder has more.", cause
