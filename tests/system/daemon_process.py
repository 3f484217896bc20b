"""The daemon as its own process, for the system tests: `daemon_process.py CONFIG [STEP[:N]]`.

With a step, the process kills itself (SIGKILL) when it reaches that step for
the Nth time: nothing is cleaned up, as in a power cut. ANSWER_WITHIN in the
environment is how many seconds a server is waited for: tests have no minute.
TICK is how many seconds lie between two looks at the clock.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path

from responder.daemon.root import Daemon
from responder.servers import imap, smtp
from responder.work.steps import Hook, Step, no_hook


def killing(spec: str) -> Hook:
    name, _, times = spec.partition(":")
    wanted, left = Step(name), [int(times or 1)]

    def hook(step: Step) -> None:
        if step is wanted:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return hook


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    within = os.environ.get("ANSWER_WITHIN")
    if within is not None:
        imap.CONNECT_TIMEOUT = imap.READ_TIMEOUT = answer = float(within)
        smtp.PATIENCE = smtp.Patience(answer=answer, data=answer, end=answer, begin=4 * answer)
    spec = sys.argv[2] if len(sys.argv) > 2 else ""
    Daemon(Path(sys.argv[1]), hook=killing(spec) if spec else no_hook, tick=float(os.environ.get("TICK", "0.5"))).run()


if __name__ == "__main__":
    main()
