"""Takes a trained model away: its network, how its texts are prepared, what it is, and how to load it."""
