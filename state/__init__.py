"""What is configured: typed model, TOML document, staged and committed, history, secrets."""
