"""listenerconfig: the SMTP services that receive mail, and the tables that each of them has."""
