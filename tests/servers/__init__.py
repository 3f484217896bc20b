"""Real mail servers for the tests: Dovecot and Postfix, unpacked into `.servers/` and run on loopback only."""
