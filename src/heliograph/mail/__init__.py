"""Tells people, by mail, what a person has to see to."""
