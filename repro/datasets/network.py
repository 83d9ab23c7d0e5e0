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
_NO_ADDRESS = (exceptions.InvalidURL, exceptions.InvalidSchema, exceptions.MissingSchema)
"""What `requests` raises for the address of a proxy, those of the publishers being right."""


def reason(error: BaseException, server: str) -> str | None:
    """What went wrong, for "... could not be fetched: REASON"; None if the error is none of the network.

    server: what to call it, such as `the server example.org`.
    """
    causes = list(_causes(error))
    if isinstance(error, _NO_ADDRESS):
        return f"{PROXY} {'needs the package pysocks' if 'SOCKS' in str(error) else 'is no address that can be used'}"
    if (bundle := _bundle()) and _is_of_the_bundle(causes):
        return f"{bundle} names {os.environ[bundle]}, which is no file of certificates that can be read"
    who = PROXY if any(type(cause).__name__ == "ProxyError" for cause in causes) else server
    for cause in causes:
        if (words := _words(cause, who)) is not None:
            return words
    if isinstance(error, exceptions.ConnectionError | exceptions.ChunkedEncodingError):
        return f"the connection to {who} broke off"
    return None


def is_of_settings(error: BaseException) -> bool:
    """Whether what is wrong stands in the settings of this machine, so that the same request would fail again."""
    causes = list(_causes(error))
    named = (*_NO_ADDRESS, ssl.SSLCertVerificationError)
    refused = any(isinstance(cause, named) or _refusal(cause) == "407" for cause in causes)
    return refused or (_bundle() is not None and _is_of_the_bundle(causes))


def _words(cause: BaseException, who: str) -> str | None:
    """The reason, if this is the one of the causes that tells it."""
    match cause:
        case ssl.SSLCertVerificationError():
            trusted = _bundle() or "REQUESTS_CA_BUNDLE"
            return f"the certificate of {who} is not trusted: {cause.verify_message} ({trusted} names those that are)"
        case ssl.SSLError():
            return f"there is no secure connection to {who} ({cause.reason})"
        case socket.gaierror():
            return f"the name of {who} cannot be looked up (is this machine online?)"
        case ConnectionRefusedError():
            return f"{who} refuses the connection"
        case TimeoutError() | exceptions.Timeout():
            return f"{who} did not answer in time"
        case OSError() if cause.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
            return f"no network leads to {who}"
        case ConnectionError():
            return f"the connection to {who} broke off"
        case OSError() if status := _refusal(cause):
            return f"{who} {'asks for a login' if status == '407' else 'refuses'} (HTTP {status})"
    return None


def _refusal(cause: BaseException) -> str | None:
    """The HTTP status with which a proxy refuses to pass something on."""
    refused = re.match(r"Tunnel connection failed: (\d{3})", str(cause))
    return refused[1] if refused else None


def _bundle() -> str | None:
    """The variable that names a file of certificates to trust: the first that is set, as for `requests`."""
    return next((name for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if os.environ.get(name)), None)


def _is_of_the_bundle(causes: Sequence[BaseException]) -> bool:
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
