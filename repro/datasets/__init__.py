"""What the chapters are trained on: finding, fetching, verifying and preparing it."""
