"""Tells callers' servers what happens to their jobs, until they have heard it."""
