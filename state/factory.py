"""The configuration of a new appliance: the system on which the published examples replay."""

FACTORY_TEXT = """\
hostname = "mail.example.com"

[interfaces.Management]
address = "192.168.42.42/24"
hostname = "mail.example.com"
ssh = 22

[interfaces.PublicNet]
address = "192.168.2.1/24"
hostname = "mail.example.com"

[interfaces.PrivateNet]
address = "192.168.1.1/24"
hostname = "mail.example.com"

[listeners.Inboundmail]
type = "public"
interface = "PublicNet"
port = 25

[listeners.Outboundmail]
type = "private"
interface = "PrivateNet"
port = 25

[destinations.default]
tls = "no"

[bounce_profiles.Default]
max_retries = 100
"""
"""TOML; a value that stands here and is the default too is written so that the file shows where to begin."""
