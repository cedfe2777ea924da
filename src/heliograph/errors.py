"""What can go wrong, as a tree. A class's docstring is its message; its fields say what to do.

    Problem                        http  code
    ├── Unauthorized               401
    ├── Invalid                    400         one field is wrong: the sentence names it
    │   ├── TooLarge               413
    │   └── ChannelRequired
    ├── NotSubscribed              402
    ├── QuotaUsed                  402
    ├── NotFound                   404
    │   ├── JobNotFound
    │   │   └── ParentNotFound
    │   ├── DeliveryNotFound
    │   ├── NoChannels
    │   └── ChannelNotFound
    ├── JobEnded                   409
    ├── JobExpired                 410
    │   └── ParentExpired
    ├── KeyReused                  422
    ├── Busy                       429
    │   ├── ChannelBusy
    │   ├── AllChannelsBusy
    │   ├── QueueFull
    │   └── TooManyTasks
    ├── ChannelError               596         a person has to look at the channel
    │   └── AllChannelsInError
    └── Upstream                               what ends a job; `code` is the job's
        ├── UpstreamUnknown              502
        ├── UpstreamRefused              502
        ├── NoPicture                    400   a picture that the command names can't be had
        ├── TimedOut                     504
        ├── Overdue                      504   a task's own time is up
        ├── ChannelGone                  500   it was deleted while the job waited
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


class ChannelRequired(Invalid):
    """channel parameter is required when multiple channels ({count}) are configured"""


class NotSubscribed(Problem):
    """Account has no subscription or subscription expired"""

    status = 402


class QuotaUsed(Problem):
    """Quota not enough: this month's {most} {mode} tasks are used up"""

    status = 402


class NotFound(Problem):
    """Not found"""

    status = 404


class JobNotFound(NotFound):
    """Job not found"""


class ParentNotFound(JobNotFound):
    """Parent job not found"""


class DeliveryNotFound(NotFound):
    """Webhook delivery not found"""


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


class ParentExpired(JobExpired):
    """Parent job has expired"""


class KeyReused(Problem):
    """This Idempotency-Key was used for another request"""

    status = 422


class Busy(Problem):
    """Busy"""

    status = 429


class ChannelBusy(Busy):
    """Channel {channel} is busy executing {count} {kind}"""


class AllChannelsBusy(Busy):
    """All {count} channels are busy"""


class QueueFull(Busy):
    """The queue is full: {count} of your jobs are waiting already"""


class TooManyTasks(Busy):
    """Concurrency limit reached: {count} of your tasks are unfinished"""


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


class NoPicture(Upstream):
    """A picture that the job needs could not be read"""

    code = 400


class TimedOut(Upstream):
    """Job timed out: nothing was heard of it for {minutes} minutes"""

    status = 504
    code = 504


class Overdue(Upstream):
    """The task was not finished within {seconds} seconds"""

    status = 504
    code = 504


class ChannelGone(Upstream):
    """Channel {channel} was deleted while the job waited for its turn"""

    status = 500
    code = 500


class Cancelled(Upstream):
    """Job cancelled by user"""

    code = 499
