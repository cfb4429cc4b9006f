"""Dialogs as files: parsed, matched and played against a session in memory."""
