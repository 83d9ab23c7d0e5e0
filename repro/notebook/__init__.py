"""A chapter as an executed notebook. Needs the extra `study`, all but this module."""
