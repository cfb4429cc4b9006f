"""Commands that ask other systems and tell the truth: tlsverify, daneverify, mtastsverify."""
