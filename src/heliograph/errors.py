"""What can go wrong, as a tree. A class's docstring is its message; its fields say what to do.

    Problem                        http  code
    ├── Unauthorized               401
    ├── Invalid                    400         one field is wrong: the sentence names it
    │   └── TooLarge               413
    ├── NotFound                   404
    │   ├── JobNotFound
    │   ├── NoChannels
    │   └── ChannelNotFound
    ├── JobEnded                   409
    ├── JobExpired                 410
    ├── Busy                       429
    │   ├── ChannelBusy
    │   └── AllChannelsBusy
    ├── ChannelError               596         a person has to look at the channel
    │   └── AllChannelsInError
    └── Upstream                               what ends a job; `code` is the job's
        ├── UpstreamUnknown              502
        ├── UpstreamRefused              502
        └── Cancelled                    499

`status` answers a request, `code` is what a job that ends with it carries (decision 4).
"""

from typing import ClassVar


class Problem(Exception):
    """Something went wrong"""

    status: ClassVar[int] = 500
    code: ClassVar[int] = 500

    def __init__(self, message: str | None = None, **facts: object) -> None:
        template = message if message is not None else (type(self).__doc__ or "")
        super().__init__(template.format(**facts) if facts else template)


class Unauthorized(Problem):
    """Unauthorized"""

    status = 401


class Invalid(Problem):
    """The request is not valid"""

    status = 400


class TooLarge(Invalid):
    """The request body is larger than {limit} bytes"""

    status = 413


class NotFound(Problem):
    """Not found"""

    status = 404


class JobNotFound(NotFound):
    """Job not found"""


class NoChannels(NotFound):
    """No Midjourney channels configured"""


class ChannelNotFound(NotFound):
    """Channel {channel} not found or not configured"""


class JobEnded(Problem):
    """Job is already {state}"""

    status = 409


class JobExpired(Problem):
    """Job {job} has expired"""

    status = 410


class Busy(Problem):
    """Busy"""

    status = 429


class ChannelBusy(Busy):
    """Channel {channel} is busy executing {count} {kind}"""


class AllChannelsBusy(Busy):
    """All {count} channels are busy"""


class ChannelError(Problem):
    """Channel {channel} has an error: {error}"""

    status = 596


class AllChannelsInError(ChannelError):
    """All configured Midjourney channels ({count}) have errors (pending moderation, CAPTCHA, \
etc.). Please resolve channel issues before making new requests."""


class Upstream(Problem):
    """The upstream failed"""

    status = 502
    code = 502


class UpstreamUnknown(Upstream):
    """The connection broke while the command was being sent, so it is unknown whether the \
upstream took it; it was not sent again, to avoid paying twice"""


class UpstreamRefused(Upstream):
    """The upstream refused the command"""


class Cancelled(Upstream):
    """Job cancelled by user"""

    code = 499
