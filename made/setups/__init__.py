"""A whole configuration, judged before it is built: what fits, what has no effect, what it costs,
presets.
"""
