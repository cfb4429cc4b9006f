"""bounceconfig: how mail that cannot be delivered is tried again and bounced."""
