"""The examples of “Signature Calculations for the Authorization Header” in the S3 API reference."""

from datetime import UTC, datetime

import pytest

from ledger.notify import sigv4

ACCOUNT = sigv4.Account("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
NOW = datetime(2013, 5, 24, tzinfo=UTC)
HOST = "https://examplebucket.s3.amazonaws.com"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "signature"),
    [
        ("GET", "/test.txt", {"Range": "bytes=0-9"}, b"",
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        ("PUT", "/test%24file.text",
         {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
         b"Welcome to Amazon S3.", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
    ],
)  # fmt: skip
def test_published_examples(method, path, headers, body, signature):
    signed = sigv4.signed(method, HOST + path, headers, body, ACCOUNT, NOW)
    assert signed["authorization"].endswith(f"Signature={signature}")


def test_a_path_is_quoted_as_s3_does():
    assert sigv4.path("test$file.text") == "test%24file.text"
    assert sigv4.path("a/b c~d_e-f.g") == "a/b%20c~d_e-f.g"
