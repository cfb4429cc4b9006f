"""certconfig: certificate profiles, authorities, revocation lists."""
