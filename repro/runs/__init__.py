"""From what a user asks for to records: plan, train, checkpoint, sweep, show progress, predict."""
