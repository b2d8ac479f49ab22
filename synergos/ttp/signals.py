"""What the TTP's work and its door tell each other, so that neither asks the SuperLink again and again in vain."""

import threading
from collections.abc import Callable, Collection


class Signals:
    """That messages were sent, and that replies were delivered."""

    def __init__(self) -> None:
        self.sent: Callable[[Collection[bytes]], None] = lambda _: None
        """Tells the door that there are messages for the holders of some public keys."""
        self._changed = threading.Condition()
        self._delivered = 0

    def delivered(self) -> None:
        """Say that a participant delivered all that it had to."""
        with self._changed:
            self._delivered += 1
            self._changed.notify_all()

    @property
    def deliveries(self) -> int:
        """How often that was said."""
        return self._delivered

    def wait(self, seen: int, seconds: float) -> None:
        """Wait until there are more deliveries than have been seen, or some seconds have passed."""
        with self._changed:
            self._changed.wait_for(lambda: self._delivered != seen, seconds)
