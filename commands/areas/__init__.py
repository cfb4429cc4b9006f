"""The commands, a module for each heading under which `help` lists them."""
