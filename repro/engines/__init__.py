"""What trains a model: Keras, the reference, or the fast engine."""
