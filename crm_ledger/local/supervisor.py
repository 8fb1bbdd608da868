"""Starts everything in order, keeps it running, and stops all of it."""

import contextlib
import os
import signal
import time
from types import FrameType

from crm_ledger.env import WrongEnvironment, env_int, env_str
from crm_ledger.local import environment, first_visit, leftovers, ports, process, setup, state
from crm_ledger.local.announce import announce
from crm_ledger.local.parts import MOST_QUICK_FAILURES, Part, product_parts, service_part
from crm_ledger.local.people import PASSWORD, PEOPLE
from crm_ledger.local.say import CannotStart, Stopped, complain, say
from crm_ledger.local.services import Services


class Supervisor:
    def __init__(self) -> None:
        self.services = Services()
        self.parts: list[Part] = []
        self.shared: dict[str, str] = {}
        self.url = ""
        self.ready = False
        self.stop_wanted = False

    def run(self) -> int:
        """Until somebody stops it (0) or it cannot go on (1). Leaves nothing running either way."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self._start()
            while not self.stop_wanted:
                self._look_after()
                time.sleep(0.2)
            say("Stopping …")
        except Stopped:
            say("Stopped before it was ready.")
        except (CannotStart, RuntimeError, WrongEnvironment) as sentence:
            complain(str(sentence))
            return 1
        finally:
            self._stop()
        return 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop_wanted = True

    def _still_wanted(self) -> bool:
        if self.stop_wanted:
            raise Stopped
        self._look_after()
        return True

    def _start(self) -> None:
        started = time.monotonic()
        leftovers.clear_up()
        self.services.start()
        self.parts += [service_part(name, server) for name, server in self.services.servers.items()]
        self.shared = environment.product(self.services)
        host, port = env_str("HOST", "127.0.0.1"), self._port()
        self.shared["PUBLIC_URL"] = env_str("PUBLIC_URL") or self.url
        self._remember()
        demo = setup.prepare(self.services, self.shared, self._still_wanted)
        for part in product_parts(self.shared, host, port, environment.sealer(self.services)):
            self.parts.append(part)
            part.start()
        self._remember()
        self._wait_until_ready(demo)
        self.ready = True
        self._remember()
        announce(self.url, demo=demo, seconds=time.monotonic() - started)

    def _port(self) -> int:
        wanted = env_int("PORT", 8000, least=1, most=65_535)
        port = ports.next_free(wanted, env_str("HOST", "127.0.0.1"))
        if port != wanted:
            say(f"Port {wanted} is taken; using {port}.")
        self.url = f"http://127.0.0.1:{port}"
        return port

    def _wait_until_ready(self, demo: bool) -> None:
        def visit() -> None:
            if demo:
                first_visit.log_in_and_look(self.url, PEOPLE[0], PASSWORD)
            else:
                first_visit.answers(f"{self.url}/readyz")

        try:
            first_visit.wait_until(visit, patience=60, still_wanted=self._still_wanted)
        except first_visit.NotYet as reason:
            web = next(part for part in self.parts if part.name == "web")
            raise CannotStart(f"The product started but is not ready: {reason}\n{process.tail(web.log)}") from None

    def _look_after(self) -> None:
        """Brings back what has died. Before the product is ready, a death ends the start instead."""
        for part in self.parts:
            if part.has_died():
                pause = part.bury()
                if not self.ready:
                    raise CannotStart(f"{part.name} did not start. The end of {part.log}:\n{process.tail(part.log)}")
                self._report(part, pause)
            elif part.is_due():
                try:
                    part.start()
                except RuntimeError as fault:
                    complain(str(fault))
                    self._report(part, part.failed(quick=True))
                self._remember()

    def _report(self, part: Part, pause: float) -> None:
        if part.failures >= MOST_QUICK_FAILURES:
            raise CannotStart(
                f"{part.name} failed {part.failures} times in a row, so everything stops. "
                f"The end of {part.log}:\n{process.tail(part.log)}"
            )
        say(f"{part.name} ended unexpectedly; starting it again in {pause:.1f} s (see {part.log}).")

    def _remember(self) -> None:
        alive = {part.name: process.identity(part.process.pid) for part in self.parts if part.process}
        state.write(
            {
                "supervisor": process.identity(os.getpid()),
                "url": self.url,
                "ready": self.ready,
                "parts": alive,
                "environment": self.shared,
                "owner_url": self.services.owner_url,
                "sealer": environment.sealer(self.services),
            }
        )

    def _stop(self) -> None:
        """The product first, all at once; then the services it stands on."""
        product = [part.process for part in self.parts if part.process and part.name not in self.services.servers]
        for running in product:
            with contextlib.suppress(ProcessLookupError):
                running.send_signal(signal.SIGTERM)
        for running in product:
            process.stop(running)
        for server in self.services.servers.values():
            server.stop()
        state.clear()
