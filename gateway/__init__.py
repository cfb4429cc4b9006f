"""What the configuration does: certificates, trust, DANE, MTA-STS, TLS sessions, alerts, listeners."""
