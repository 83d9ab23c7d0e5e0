"""Whether the suite computes, step by step, what the sources' software computed.

`recorded` reads what was recorded from that software, `replay` goes the same steps with Keras as it is here, `compare`
measures how far apart two such paths are and knows how far they may be, and `measure` does all of it on every backend.
"""
