"""smtproutes: hosts that get the mail of a domain, whatever the DNS says."""
