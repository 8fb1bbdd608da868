"""What the person at the terminal reads."""

import sys


class CannotStart(RuntimeError):
    """Ends the start with a sentence that says how to mend it."""


class Stopped(Exception):
    """Somebody asked for the end while the start was still under way."""


def say(sentence: str) -> None:
    print(sentence, flush=True)


def complain(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
