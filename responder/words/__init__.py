"""WHAT A TEXT SAYS. Pure: text in, values out; it knows no policy, clock or mailbox."""
