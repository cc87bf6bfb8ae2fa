"""One process learns: loop, step, schedules, CUDA graphs, data parallelism, what an epoch leaves
behind.
"""
