"""
A mail server of its own process, which writes down each mail before it says yes.

`python -m tests.faults.sink PORT JOURNAL`; the journal has a line `Message-ID receiver` for every mail it has taken.
"""

import asyncio
import os
import sys
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.smtp import SMTP


class Taker:
    """Takes every mail. What is written survives the process, though not the machine."""

    def __init__(self, journal: str) -> None:
        self._journal = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.original_content, policy=policy.default)
        os.write(self._journal, f"{mail['Message-ID']} {envelope.rcpt_tos[0]}\n".encode())
        return "250 OK"


async def main(port: int, journal: str) -> None:
    taker = Taker(journal)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(taker), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
