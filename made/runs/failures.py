"""What to say when training fails."""

import errno

from made.base.errors import MadeError


def explain(error: Exception, device: str) -> tuple[str, str]:
    """One sentence for a person, and the cause in a few words."""
    if isinstance(error, MadeError):
        cause = getattr(error, "cause", str(error))
        return cause, cause
    text = str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk is full: free some space, then resume the run.", "disk full"
    is_memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    if is_memory or "can't allocate memory" in text:
        mend = "choose a smaller batch or smaller hidden layers"
        return f"Memory ran out on {device}: {mend}.", "out of memory"
    first_line = text.strip().partition("\n")[0]
    cause = f"{type(error).__name__}: {first_line}"
    return f"Training failed with {cause.rstrip('.')}; log.txt in the run folder has more.", cause
