"""What can be typed: the commands, the words of a dialog, the session."""
