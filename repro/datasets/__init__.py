"""What the chapters are trained on.

In the order in which a data set comes to be: `choice` (what the user names), `locate` and `obtain` (where its files
are, or how to get them), `data_file` (whether they are the right ones), `delimited` (what stands in them), one module
for each corpus, `embedded` (corpora that the package generates), `prepare` (from texts to rows), `array_cache` (kept
for the next time), `description` (counted).
"""
