"""Money: integer minor units with an ISO 4217 currency. Decimal at the edges, never float."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from ledger.rules.problems import Fault, bad_input

# ISO 4217 currencies that differ from two decimals, and the two-decimal ones that we trade in.
_DECIMALS = {
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
    "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip
_TWO = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC "
    "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD "
    "KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO "
    "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB "
    "TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW"
)
DECIMALS: dict[str, int] = _DECIMALS | dict.fromkeys(_TWO.split(), 2)
MOST_MINOR = 10**15  # ten trillion in a two-decimal currency: beyond it a typing error is likelier than a deal


def check_currency(currency: object, pointer: str = "/currency") -> Fault | None:
    if not isinstance(currency, str) or currency not in DECIMALS:
        return Fault(pointer, "MONEY-1", f"“{currency}” is not an ISO 4217 currency. Use a code such as EUR or USD.")
    return None


def to_minor(amount: object, currency: str, pointer: str = "/amount") -> int | Fault:
    """Minor units of a positive amount given as text, int or Decimal; a Fault says what is wrong with it."""
    decimals = DECIMALS[currency]
    if isinstance(amount, (bool, float)) or not isinstance(amount, (str, int, Decimal)):
        return Fault(pointer, "MONEY-2", 'An amount is written as text, such as "240000.00".')
    try:
        value = Decimal(amount.strip() if isinstance(amount, str) else amount)
    except InvalidOperation:
        return Fault(pointer, "MONEY-2", f"“{amount}” is not an amount. Write digits and a point, such as 240000.00.")
    if not value.is_finite():
        return Fault(pointer, "MONEY-2", f"“{amount}” is not an amount. Write digits and a point, such as 240000.00.")
    if value <= 0:
        return Fault(pointer, "MONEY-3", "An amount is greater than zero. To take value back, return or lose the deal.")
    if value.adjusted() > 15 or value > MOST_MINOR:
        return Fault(pointer, "MONEY-4", f"{amount} is beyond what one deal can be worth. Check the digits.")
    minor = value.scaleb(decimals)
    if minor < 1 or minor != minor.to_integral_value():
        places = f"{decimals} decimals" if decimals else "no decimals"
        return Fault(pointer, "MONEY-5", f"{currency} has {places}; “{amount}” has more. Round it and say so.")
    if minor > MOST_MINOR:
        return Fault(pointer, "MONEY-4", f"{amount} is beyond what one deal can be worth. Check the digits.")
    return int(minor)


def to_decimal(minor: int, currency: str) -> Decimal:
    """250000 minor units of EUR → Decimal("2500.00")."""
    return Decimal(minor).scaleb(-DECIMALS[currency])


def plain(minor: int, currency: str) -> str:
    """For programs: `-2500.00`."""
    places = DECIMALS[currency]
    if places == 2 and minor >= 0:  # nearly always
        return f"{minor // 100}.{minor % 100:02d}"
    if not places:
        return str(minor)
    digits = str(abs(minor)).zfill(places + 1)
    return f"{'-' if minor < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def text(minor: int | None, currency: str | None) -> str:
    """For people: `EUR 418,000.00`, with a true minus sign; `unpriced` when it is not known."""
    if minor is None or currency is None:
        return "unpriced"
    amount = f"{abs(to_decimal(minor, currency)):,.{DECIMALS[currency]}f}"
    return f"{'−' if minor < 0 else ''}{currency} {amount}"


def text_of(amount: str, currency: str) -> str:
    """The text of an amount as `plain` writes it."""
    return text(int(Decimal(amount).scaleb(DECIMALS[currency])), currency)


def convert(minor: int, currency: str, rate: Decimal, to: str) -> int:
    """Minor units in `to`, at `rate` units of `to` for one of `currency`; half to even on the last minor unit.

    EUR 240,000.00 at 1.10 → USD 264,000.00.
    """
    value = to_decimal(minor, currency) * rate
    return int(value.scaleb(DECIMALS[to]).to_integral_value(ROUND_HALF_EVEN))


def price(given: object, pointer: str) -> tuple[int, str]:
    """(minor units, currency) of `{"amount": "12.50", "currency": "EUR"}`; raises Problem."""
    if not isinstance(given, Mapping) or set(given) != {"amount", "currency"}:
        say = 'Write it as {"amount": "12.50", "currency": "EUR"}.'
        raise bad_input([Fault(pointer, "MONEY-8", say)])
    fault = check_currency(given["currency"], f"{pointer}/currency")
    if fault:
        raise bad_input([fault])
    minor = to_minor(given["amount"], given["currency"], f"{pointer}/amount")
    if isinstance(minor, Fault):
        raise bad_input([minor])
    return minor, given["currency"]
