"""What many runs say about a source."""
