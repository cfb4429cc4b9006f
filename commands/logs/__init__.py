"""What is written to the logs, and how they are read: logconfig, tail, grep."""
