"""The process: all the work, for every account, from the start to the stop."""
