"""Data parts that the revisions of twins share: a module per change, unchanged once it is released."""
