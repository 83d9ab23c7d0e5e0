"""The errors that a user can cause and mend. The command line prints them in a line or two and exits with 2."""


class ReproError(Exception):
    """What is wrong and what to do about it, in one or two lines."""


class DataUnavailable(ReproError):
    """The real data were neither found nor could they be fetched."""


class DataInvalid(ReproError):
    """A data file is there but is not what it should be: truncated, altered, unreadable."""


class RecordInvalid(ReproError):
    """A record is not valid JSON, or not of this schema."""
