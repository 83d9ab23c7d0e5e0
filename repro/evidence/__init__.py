"""What many runs together say about a source."""
