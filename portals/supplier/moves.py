"""The moves of a launch as the portal offers them: words, and what is asked before each."""

from dataclasses import dataclass

from launches.enums import LaunchStatus


@dataclass(frozen=True, kw_only=True)
class Move:
    """A button on the launch's page, and the words of the page that it leads to."""

    url_name: str
    button: str
    title: str
    explains: str
    done: str
    tone: str = ""
    needs_reason: bool = False
    needs_typing: bool = False


MOVES: dict[str, Move] = {
    LaunchStatus.SCHEDULED: Move(
        url_name="supplier:launch-schedule",
        button="Publish",
        title="Publish this launch?",
        explains="Its seats go on sale at once. Frequent flyers hear of it first. A published launch is never deleted.",
        done="{mission} is published. Its seats are on sale.",
        tone="primary",
    ),
    LaunchStatus.CONFIRMED: Move(
        url_name="supplier:launch-confirm",
        button="Confirm",
        title="Confirm this launch?",
        explains="You declare that it will fly. Everybody who has booked is told.",
        done="{mission} is confirmed. Everybody who has booked is told.",
        tone="primary",
    ),
    LaunchStatus.LAUNCHED: Move(
        url_name="supplier:launch-launched",
        button="It flew",
        title="Record that it flew?",
        explains="Every booking counts as flown from then on. This cannot be taken back.",
        done="{mission} is recorded as flown.",
        tone="primary",
    ),
    LaunchStatus.DELAYED: Move(
        url_name="supplier:launch-delay",
        button="Delay",
        title="Delay this launch",
        explains="The departure moves to a later date. Bookings stay, and everybody who has booked is told why.",
        done="{mission} is delayed. Everybody who has booked is told.",
        needs_reason=True,
    ),
    LaunchStatus.FAILED: Move(
        url_name="supplier:launch-failed",
        button="It failed",
        title="Record that it failed?",
        explains="Every booking is refunded in full. This cannot be taken back.",
        done="{mission} is recorded as failed. Every booking is being refunded in full.",
        tone="danger",
        needs_reason=True,
        needs_typing=True,
    ),
    LaunchStatus.ABORTED: Move(
        url_name="supplier:launch-abort",
        button="Abort",
        title="Abort this launch?",
        explains="It is called off for good. Every booking is cancelled and refunded in full, and all are told why.",
        done="{mission} is aborted. Every booking is being cancelled and refunded in full.",
        tone="danger",
        needs_reason=True,
        needs_typing=True,
    ),
}
