"""What can be typed: the commands, the words of a dialog, the session."""

__version__ = "0.1.0"
__build__ = 1
"""Counts what is handed out under one version."""
