"""Integers in, the parameters of every conditional out: orderings, masks, layers, encodings, heads,
networks, their settings, and how they are built.
"""
