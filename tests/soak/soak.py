"""A month of an office in minutes: `make soak`. Prints a line for each day, and ends with 1 if anything is wrong.

A real Dovecot, a receiver that counts, and the daemon under a clock that jumps from one moment of the day to the next.
In the first third the daemon is killed, stopped and started anew; afterwards one process lives on, while servers go
away, reloads and pauses come, and a weekend passes in one leap. The first day of either part has one trouble of each
kind and no restart, so that the memory at its end is that of a daemon that has done everything once.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from random import Random

from tests.load.office import LoadedOffice, loaded_office
from tests.servers.waiting import wait_until
from tests.soak import mails
from tests.system.office import MANAGER, OFFICE, local

FIRST_DAY = "2026-03-02"  # a Monday
DAYS = 30
LAST_RESTART = DAYS // 3
MOMENTS = ("05:00", "08:00:30", "10:30", "14:00", "17:40", "22:15")
OPENING, STAFF_AT_WORK = MOMENTS[1], MOMENTS[2]
SERVERS = ("server away", "SMTP refuses", "reloads", "paused")
FIRST_TROUBLES = dict(zip(MOMENTS, ("", *SERVERS, ""), strict=True))
LEAP = 12  # the Saturday that passes, with its Sunday, in one leap: a machine that was suspended
WITHIN = 60.0  # seconds for anything to come to rest
ROOM = 0.05  # how far memory at the end may be from that of the first day


@dataclass
class Month:
    """What was written, and what came of it."""

    here: LoadedOffice
    chance: Random
    written: set[str] = field(default_factory=set)
    owed: set[str] = field(default_factory=set)  # who wrote while the office was closed
    faults: Counter[str] = field(default_factory=Counter)  # how often each kind was caused
    workdays: set[str] = field(default_factory=set)  # whose opening has come
    drafted: Counter[str] = field(default_factory=Counter)  # drafts that staff have sent, by customer
    resident: list[float] = field(default_factory=list)  # MB, at the end of each day

    # --- the days ----------------------------------------------------------------------------------------------

    def live(self, number: int) -> None:
        """One day, from before dawn to the night."""
        day = datetime.fromisoformat(FIRST_DAY) + timedelta(days=number)
        begun, before = time.monotonic(), len(self.written)
        for moment in () if number in (LEAP, LEAP + 1) else MOMENTS:
            self.here.at(f"{day:%Y-%m-%d} {moment}")
            self._with(self._trouble(number, moment), self._mail_comes)
            self._rest()
            if moment == STAFF_AT_WORK and day.weekday() < 5:
                self.workdays.add(f"{day:%Y-%m-%d}")
                self._staff_work()
        self.resident.append(self.here.resident())
        seconds, came = time.monotonic() - begun, len(self.written) - before
        post, drafts = self.here.post, self._drafts().total()
        print(
            f"{day:%a %Y-%m-%d}  in {came:3}  replies {post.customers.total():4}  drafts {drafts:4}  "
            f"digests {self._digests():2}  {self.resident[-1]:6.1f} MB  {seconds:5.1f} s",
            flush=True,
        )

    def _mail_comes(self) -> None:
        now = self.here.world.clock.now()
        for _ in range(self.chance.randint(2, 6)):
            mail = mails.write(len(self.written) + 1, self.chance)
            self.written.add(mail.message_id)
            if mail.is_plain and not self._is_open():
                self.owed.add(mail.sender)
            self.here.fill([mail.raw], now)

    def _staff_work(self) -> None:
        """They send half of the drafts, and take some mail out of the inbox."""
        with self.here.world.mailbox(OFFICE, "Drafts") as client:
            uids = [uid for uid in client.search() if self.chance.random() < 0.5]
            for row in (client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}).values():
                content = row[b"BODY[]"]
                client.append("Sent", content, flags=[rb"\Seen"], msg_time=self.here.world.clock.now())
                self.drafted[str(message_from_bytes(content)["To"])] += 1
            if uids:
                client.delete_messages(uids)
                client.expunge()
            client.select_folder("INBOX")
            gone = [uid for uid in client.search() if self.chance.random() < 0.1]
            if gone:
                client.delete_messages(gone)
                client.expunge()

    # --- what breaks -------------------------------------------------------------------------------------------

    def _trouble(self, day: int, moment: str) -> str:
        """What breaks at this moment; "" for nothing."""
        if day in (0, LAST_RESTART):
            return FIRST_TROUBLES[moment]
        restarts = ("killed", "stopped") if day < LAST_RESTART else ()
        return self.chance.choice((*restarts, *SERVERS, *("",) * 4))

    def _with(self, kind: str, work: Callable[[], None]) -> None:
        if not kind:
            work()
            return
        with self._faults()[kind]():
            work()
        self.faults[kind] += 1

    def _faults(self) -> dict[str, Callable[[], contextlib.AbstractContextManager[None]]]:
        return {
            "killed": self._killed,
            "stopped": self._stopped,
            "server away": self._server_away,
            "SMTP refuses": self._smtp_refuses,
            "reloads": self._reloads,
            "paused": self._paused,
        }

    @contextlib.contextmanager
    def _killed(self) -> Iterator[None]:
        yield
        time.sleep(self.chance.uniform(0, 0.5))  # somewhere in its work: where is chance
        self._restart(signal.SIGKILL)

    @contextlib.contextmanager
    def _stopped(self) -> Iterator[None]:
        yield
        self._restart(signal.SIGTERM)

    def _restart(self, number: int) -> None:
        self.here.stop(number)
        self.here.start(wait=False)

    @contextlib.contextmanager
    def _server_away(self) -> Iterator[None]:
        self.here.world.dovecot.stop()
        self.here.world.dovecot.start()
        yield

    @contextlib.contextmanager
    def _smtp_refuses(self) -> Iterator[None]:
        self.here.post.is_down = True
        yield
        time.sleep(1)  # for some mails to be refused
        self.here.post.is_down = False

    @contextlib.contextmanager
    def _reloads(self) -> Iterator[None]:
        for _ in range(3):
            self.here.reload()
        yield

    @contextlib.contextmanager
    def _paused(self) -> Iterator[None]:
        self.here.command("pause", "soak")
        yield
        self.here.command("resume")

    # --- what came of it ---------------------------------------------------------------------------------------

    def _rest(self) -> None:
        """Until all is on record, and nothing is on its way that is not put off."""
        wait_until(lambda: not self._missing() and not self._moving(), WITHIN, f"all at rest\n{self.here.tail()}")

    def _moving(self) -> int:
        now = f"{self.here.world.clock.now():%Y-%m-%d %H:%M:%S.%f}"
        return self.here.count(
            "SELECT count(*) FROM outbox WHERE state = 'sending' OR (copy = 'pending' AND state = 'sent') OR "  # noqa: S608
            f"(state IN ('due', 'waiting') AND due_at <= '{now}' AND (state = 'due' OR {self._is_open()}))"
        )

    def _is_open(self) -> int:
        now = self.here.world.clock.now().astimezone(local(FIRST_DAY).tzinfo)
        return int(now.weekday() < 5 and 8 <= now.hour < 17)

    def _missing(self) -> set[str]:
        return self.written - set(self._column("SELECT message_id FROM message"))

    def _column(self, query: str) -> list[str]:
        with contextlib.closing(sqlite3.connect(f"file:{self.here.directory / 'state.db'}?mode=ro", uri=True)) as state:
            return [row[0] for row in state.execute(query)]

    def _drafts(self) -> Counter[str]:
        return Counter(str(draft["To"]) for draft in self.here.mails(OFFICE, "Drafts")) + self.drafted

    def _digests(self) -> int:
        return self.here.count("SELECT count(*) FROM digest WHERE account = 'info'")

    def verdict(self) -> bool:
        """Print what is wrong, counted; is all well?"""
        sent = self._column("SELECT message_id FROM outbox WHERE state = 'sent' AND delivery = 'smtp'")
        arrived = {message_id for _to, message_id in self.here.post.got}
        lost = len(self._missing()) + len(set(sent) - arrived)
        recorded_twice = len(self._column("SELECT message_id FROM message GROUP BY message_id HAVING count(*) > 1"))
        twice = (self.here.post.customers, self._drafts())
        doubled = recorded_twice + sum(count - 1 for each in twice for count in each.values())
        uncertain = self.here.count("SELECT count(*) FROM outbox WHERE state = 'uncertain'")
        failed = self.here.count("SELECT count(*) FROM outbox WHERE state = 'failed'")
        ignored = self._ignored()
        print(f"lost {lost}, doubled {doubled}, uncertain {uncertain}, failed {failed}; {len(self.written)} mails in")
        print(
            f"{len(ignored)} of {len(self.owed)} who wrote to the closed office were not answered {sorted(ignored)[:5]}"
        )
        print(f"the manager has had {self.here.post.to(MANAGER)} mails; digests {self._digests()}")
        print("faults: " + ", ".join(f"{kind} {self.faults[kind]}" for kind in self._faults()))
        demands = {
            "nothing is lost": not lost,
            "nothing is doubled": not doubled,
            "nothing has failed": not failed,
            "at most one mail is in doubt for each kill": uncertain <= self.faults["killed"],
            "everybody who is owed an answer has one": not ignored,
            "there is one digest for each working day": self._digests() == len(self.workdays),
            f"all {DAYS} days have passed": len(self.resident) == DAYS,
            "every kind of fault was caused": all(self.faults[kind] for kind in self._faults()),
            "memory is flat": self._is_flat(),
        }
        for demand in (demand for demand, is_met in demands.items() if not is_met):
            print(f"NOT SO: {demand}")
        return all(demands.values())

    def _ignored(self) -> set[str]:
        """Who is owed an answer and has none: no reply, no draft, none that is in doubt or due later."""
        now = f"{self.here.world.clock.now():%Y-%m-%d %H:%M:%S.%f}"
        accounted = self._column(
            "SELECT recipient FROM outbox WHERE state = 'uncertain' OR "  # noqa: S608
            f"(state IN ('due', 'waiting') AND due_at > '{now}')"
        )
        return self.owed - set(self.here.post.customers) - set(self._drafts()) - set(accounted)

    def _is_flat(self) -> bool:
        if len(self.resident) <= LAST_RESTART:
            return False
        end, first = self.resident[-1], (self.resident[0], self.resident[LAST_RESTART])
        growth = [end / each - 1 for each in first]
        print(f"resident {end:.1f} MB: {growth[0]:+.1%} since the first day, {growth[1]:+.1%} since the last restart")
        return max(growth) <= ROOM


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument(
        "--minutes", type=float, default=10, help="stop after so long, however many days have passed"
    )
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    deadline = time.monotonic() + given.minutes * 60
    with loaded_office(f"{FIRST_DAY} 04:50") as here:
        here.start()
        month = Month(here, Random(given.seed))
        for number in range(DAYS):
            if time.monotonic() > deadline:
                print(f"the time is over after {number} of {DAYS} days")
                break
            month.live(number)
        is_well = month.verdict()
        here.stop()
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
