"""How people and programs reach the commands: terminal, pipe, one line, transcript."""

__version__ = "0.1.0"
