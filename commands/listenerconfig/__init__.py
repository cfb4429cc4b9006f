"""listenerconfig: the services that receive mail, and who may use them on which terms."""
