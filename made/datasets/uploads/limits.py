"""How large an upload may be, and what reading it may cost."""

from __future__ import annotations

MAX_UPLOAD_BYTES = 200 << 20  # of a file, and of its arrays once unpacked
# Of the process that reads an upload, beyond what the interpreter itself takes: the file, its
# numbers, and copies of both on the way.
MAX_READING_BYTES = 2 << 30
MAX_READING_SECONDS = 60  # of a processor
MAX_WAITING_SECONDS = 300  # by the clock, on a machine that is busy with other things
READ_AT_ONCE = 2  # uploads, for all people together
