"""Says in words what went wrong on the way to a server: the network, a proxy, the certificates, the server itself.

The errors' own texts are long, and may quote an address with a password in it.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator, Sequence

from requests import exceptions

PROXY = "the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names"


class TransferFailed(Exception):
    """The file did not come; says why, in words."""

    def __init__(self, reason: str, *, lasting: bool = False, in_settings: bool = False) -> None:
        super().__init__(reason)
        self.lasting = lasting or in_settings
        """Another try, a second later, would fail in the same way."""
        self.remedy = "Correct that" if in_settings else "Try again later"
        """What to do, for "REMEDY, or ..."; the first if the fault stands in the settings of this machine."""


def failed(error: BaseException, server: str) -> TransferFailed | None:
    """What went wrong, for "... could not be fetched: REASON"; None if the error is not about the network.

    server: what to call it, such as `the server example.org`.
    """
    if isinstance(error, exceptions.InvalidURL | exceptions.InvalidSchema | exceptions.MissingSchema):
        # The addresses of the publishers are right.
        unfit = "needs the package pysocks" if "SOCKS" in str(error) else "is no address that can be used"
        return TransferFailed(f"{PROXY} {unfit}", in_settings=True)
    causes = list(_causes(error))
    if (bundle := _bundle()) and _is_unreadable(causes):
        file = os.environ[bundle]
        return TransferFailed(
            f"{bundle} names {file}, which is no file of certificates that can be read", in_settings=True
        )
    who = PROXY if any(type(cause).__name__ == "ProxyError" for cause in causes) else server
    for cause in causes:
        if (told := _told_by(cause, who)) is not None:
            return told
    if isinstance(error, exceptions.ConnectionError | exceptions.ChunkedEncodingError):
        return TransferFailed(f"the connection to {who} broke off")
    return None


def _told_by(cause: BaseException, who: str) -> TransferFailed | None:
    """What went wrong, if this is the one of the causes that tells it."""
    refused = re.match(r"Tunnel connection failed: (\d{3})", str(cause))  # a proxy's answer
    match cause:
        case ssl.SSLCertVerificationError():
            trusted = f"{_bundle() or 'REQUESTS_CA_BUNDLE'} names those that are"
            reason = f"the certificate of {who} is not trusted: {cause.verify_message} ({trusted})"
            return TransferFailed(reason, in_settings=True)
        case ssl.SSLError():
            return TransferFailed(f"there is no secure connection to {who} ({cause.reason})")
        case socket.gaierror():
            return TransferFailed(f"the name of {who} cannot be looked up (is this machine online?)")
        case ConnectionRefusedError():
            return TransferFailed(f"{who} refuses the connection")
        case TimeoutError() | exceptions.Timeout():
            return TransferFailed(f"{who} did not answer in time")
        case OSError() if cause.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
            return TransferFailed(f"no network leads to {who}")
        case ConnectionError():
            return TransferFailed(f"the connection to {who} broke off")
        case OSError() if refused:
            login = refused[1] == "407"
            return TransferFailed(
                f"{who} {'asks for a login' if login else 'refuses'} (HTTP {refused[1]})", in_settings=login
            )
    return None


def _bundle() -> str | None:
    """The variable that names a file of certificates to trust: the first that is set, as for `requests`."""
    return next((name for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if os.environ.get(name)), None)


def _is_unreadable(causes: Sequence[BaseException]) -> bool:
    """Whether the file of certificates is missing, cannot be read, or has none in it."""
    in_tls = any(type(cause).__name__ == "SSLError" for cause in causes)
    return any(
        (isinstance(cause, ssl.SSLError) and cause.library in ("X509", "PEM"))
        or (in_tls and isinstance(cause, FileNotFoundError | PermissionError | IsADirectoryError))
        or (type(cause) is OSError and "CA certificate bundle" in str(cause))  # how `requests` says that it is missing
        for cause in causes
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that it was made from, the outermost first; urllib3 keeps some as arguments."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        cause = waiting.pop(0)
        if cause in seen:
            continue
        seen.append(cause)
        yield cause
        inner = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        waiting += [each for each in inner if isinstance(each, BaseException)]
