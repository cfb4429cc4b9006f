"""dnsconfig: which DNS servers are asked, and which of them are believed about DNSSEC."""
