"""Every fault the README claims to survive, caused, and counted at the receiver."""
