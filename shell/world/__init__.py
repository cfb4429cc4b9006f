"""A world to test in: names, mail servers and policy hosts on loopback, described in one table."""
