"""Heliograph: a server for Midjourney-style generation that its users own."""

__version__ = "0.1.0"
