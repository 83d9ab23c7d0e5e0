"""Which of our runs a reader's numbers are like."""
