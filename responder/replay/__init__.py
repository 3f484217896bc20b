"""Mail that has come already, decided once more in the order in which it came, as if the daemon had been there.

`source` finds the mails and when each came; `run` decides them one after the other with `past`, the memory of one
office; `entry` is what is kept of each, `journal` keeps it in a file, and `figures` and `differences` count it.

Nothing here sends, records or marks anything.
"""
