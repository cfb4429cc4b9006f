"""smtpconfig: the relay that notifications go through."""
