"""What the HTTP client raises.

InvalidInput
└── EgressRefused     the request may not be made; nothing was sent to the refused place
LimitExceeded
└── ResponseTooLarge  the answer is larger than allowed; reading stopped
WeftError
├── NetworkError      no answer came
└── HttpStatusError   an answer came, with a status of 400 or more; only `raise_for_status` raises it
"""

from weft.errors import InvalidInput, LimitExceeded, WeftError


class EgressRefused(InvalidInput):
    """The request may not be made. For addresses always the same words, whatever is or is not there."""

    code = "EGRESS_REFUSED"


class ResponseTooLarge(LimitExceeded):
    """The answer, its headers or what it decompresses to is larger than allowed; reading stopped."""

    code = "RESPONSE_TOO_LARGE"


class NetworkError(WeftError):
    """No complete answer came.

    Attributes:
        transient: Trying again may help.
        sent: Something of the request may have reached a server; False: surely nothing did.
    """

    code = "NETWORK_ERROR"

    def __init__(self, message: str, *, transient: bool, sent: bool) -> None:
        super().__init__(message, transient=transient, sent=sent)
        self.transient = transient
        self.sent = sent


class HttpStatusError(WeftError):
    """A server answered with a status of 400 or more.

    Attributes:
        status_code: What it answered.
        transient: Trying again may help: 408, 425, 429 and 5xx.
    """

    code = "HTTP_STATUS"

    def __init__(self, message: str, *, status_code: int) -> None:
        self.status_code = status_code
        self.transient = status_code in {408, 425, 429} or status_code >= 500
        super().__init__(message, status_code=status_code, transient=self.transient)
