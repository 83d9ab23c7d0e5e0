"""The page: what the runs say, in one HTML file that needs neither network nor Python to be read."""
