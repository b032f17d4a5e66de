"""From models and a chain to a script: its operations, their order, and the proof that they lead to the models.

How models and a schema are compared belongs to `comparison`, the files of a chain belong to `project`.
"""
