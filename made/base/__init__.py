"""Errors, atomic files, devices, threads, tensors on disk, field types: knows nothing of MADE."""
