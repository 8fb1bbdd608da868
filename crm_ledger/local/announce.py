"""The message that the product is ready."""

from crm_ledger.local.people import PASSWORD, PEOPLE
from crm_ledger.local.say import say


def announce(url: str, *, demo: bool, seconds: float) -> None:
    lines = ["", f"Ready after {seconds:.0f} s:  {url}/"]
    if demo:
        names = [email.partition("@")[0] for email in PEOPLE]
        lines += [
            f"Log in as     {PEOPLE[0]}   password  {PASSWORD}",
            f"Or as         {', '.join(names[1:8])},",
            f"              {', '.join(names[8:])}   (all @demo.example, same password)",
        ]
    lines += ["Stop with     Ctrl-C", ""]
    say("\n".join(lines))
