"""What a client must know before its first call: the head of the OpenAPI document and of its readable pages."""

API_DESCRIPTION = """\
Deals advance only when their obligations are met, and every step is on the record.

**Begin.** Send `Authorization: Bearer TOKEN`. A token is made under *Your settings*, or printed by `manage.py token`;
it acts as that person and sees what they see. `GET /api/v1/me/` says who that is.

**Write.** Send JSON. Add an `Idempotency-Key` of your own to each new write: the same key with the same body
gets the first answer again, with another body it is refused (422). A write on a deal also needs `If-Match`
with the `ETag` of the deal as you have read it: without it 428, after somebody else's act 412. Each answer
carries the next `ETag`; a refused advance is on the record too, so it moves the version as well.

**Read.** Lists are `{"results": […], "next": URL or null}`; follow `next`, `limit` is at most 200. Money is
`{"amount": "240000.00", "currency": "EUR"}`, a moment is RFC 3339 in UTC, a day is `2026-11-30`. `as_of`
shows what was known at a moment.

**Refusals** are `application/problem+json` (RFC 9457) with a `type` that does not change, a sentence in
`detail` and a `request_id` to quote. Bad input adds `errors`, each with its `pointer`; a shut gate (409) adds
`refusals`, each with its remedy and the function that acts. What you may not see is 404, like what does not
exist. 429 says in `Retry-After` when to come again.
"""
