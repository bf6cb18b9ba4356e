"""Files beside the words of a release: what an upload really is, what of it is kept, and where it lies."""
