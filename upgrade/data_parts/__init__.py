"""What revisions do with rows where twins do the same: a module for each change, which stays as it was released."""
