"""From models and a chain to a script: what operations it takes, in which order, and the proof that they do it.

How models and schema are compared is `comparison`'s; what is done to the files of a chain is `project`'s.
"""
