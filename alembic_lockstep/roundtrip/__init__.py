"""Revisions up, down and up again on scratch databases, with rows: the engine, the rows, what became of them.

How a revision runs is `execution`'s; what is printed of the results is in `reports`.
"""
