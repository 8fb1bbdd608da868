"""Reading the environment: a wrong value stops the start with a sentence that says how to mend it."""

import os
from pathlib import Path
from urllib.parse import urlsplit

_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off", ""}


class WrongEnvironment(SystemExit):
    """Stops the start: Python prints the sentence alone, without a traceback, and exits with 1."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"Cannot start: {sentence}")


def env_bool(name: str, default: bool) -> bool:
    raw = os.environ.get(name)
    if raw is None:
        return default
    word = raw.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise WrongEnvironment(f"{name} is {raw!r}; set it to 1 or 0.")


def env_int(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    bounds = f"from {least} to {most}" if most is not None else f"of at least {least}"
    try:
        number = int(raw)
    except ValueError:
        raise WrongEnvironment(f"{name} is {raw!r}; set it to a whole number {bounds}.") from None
    if number < least or (most is not None and number > most):
        raise WrongEnvironment(f"{name} is {raw}; set it to a whole number {bounds}.")
    return number


def env_str(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def env_list(name: str, default: list[str]) -> list[str]:
    """Values separated by commas."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    return [part.strip() for part in raw.split(",") if part.strip()]


def env_secret(name: str) -> str | None:
    """The value of `name`, or the content of the file named by `name`_FILE; None when neither is set."""
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and file:
        raise WrongEnvironment(f"{name} and {name}_FILE are both set; unset one of them.")
    if file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise WrongEnvironment(
                f"{name}_FILE names {file!r}, which cannot be read ({fault}); name a readable text file."
            ) from None
        if not value:
            raise WrongEnvironment(f"{name}_FILE names {file!r}, which is empty; write the secret into it.")
    return value or None


def env_url(name: str, schemes: tuple[str, ...]) -> str | None:
    """An address with one of `schemes`; it may also come from a file, since addresses hold passwords."""
    value = env_secret(name)
    if value is None:
        return None
    try:
        scheme = urlsplit(value).scheme
    except ValueError:
        scheme = ""
    if scheme not in schemes:
        # The value is not shown: it may hold a password.
        raise WrongEnvironment(f"{name} is no address; it must start with {' or '.join(f'{s}://' for s in schemes)}.")
    return value


def env_rate(name: str, default: str) -> str:
    """A rate such as 600/min, in the words of the API's throttles."""
    value = env_str(name) or default
    count, _, period = value.partition("/")
    if not count.isdigit() or period not in {"s", "sec", "m", "min", "h", "hour", "d", "day"}:
        raise WrongEnvironment(f"{name} is {value!r}; write a rate such as 600/min or 20/s.")
    return value
