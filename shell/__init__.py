"""How people and programs reach the commands: terminal, pipe, one line, transcript."""
