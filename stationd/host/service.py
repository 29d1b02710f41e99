"""What the service manager is told: ready, reloading, stopping, alive (sd_notify(3))."""

import os
import socket
import time
from typing import Final

SEND_WITHIN_S: Final = 0.1  # a manager whose queue is full must not hold up the stations


class ServiceManager:
    """Speaks to systemd's notification socket; silent where there is none."""

    def __init__(self, address: str | None) -> None:
        # "@" names a socket in the abstract namespace.
        self._address = "\0" + address[1:] if address and address[0] == "@" else address

    @classmethod
    def of_environment(cls) -> "ServiceManager":
        return cls(os.environ.get("NOTIFY_SOCKET"))

    def say(self, **fields: str) -> None:
        """Send fields such as READY="1"; a manager that has gone is not our trouble."""
        if not self._address:
            return
        # A line break would begin another field.
        text = "\n".join(f"{name}={' '.join(value.split())}" for name, value in fields.items())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(SEND_WITHIN_S)
            try:
                channel.sendto(text.encode(), self._address)
            except OSError:
                return

    def ready(self, status: str) -> None:
        self.say(READY="1", STATUS=status)

    def reloading(self) -> None:
        """Tell that a reload begins; `ready` tells its end."""
        self.say(RELOADING="1", MONOTONIC_USEC=str(time.monotonic_ns() // 1000))

    def stopping(self) -> None:
        self.say(STOPPING="1")

    def alive(self) -> None:
        self.say(WATCHDOG="1")
