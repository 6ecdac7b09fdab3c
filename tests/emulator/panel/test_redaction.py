"""What the panel masks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from divio_provider.emulator.panel import redaction


@given(
    scheme=st.sampled_from(["postgres", "mysql", "redis", "rediss", "s3", "https", "dj+pg"]),
    password=st.text(),
    rest=st.text(),
)
def test_no_password_of_a_dsn_is_shown(scheme: str, password: str, rest: str) -> None:
    dsn = f"{scheme}://user:CANARY{password}@host.example:5432/{rest.replace('CANARY', '')}"
    assert "CANARY" not in redaction.value(dsn)
    assert "CANARY" not in redaction.value(f"first {dsn}, second {dsn}")


@given(st.text(alphabet="abc /:@?=-."))
def test_values_without_an_address_are_shown_as_they_are(text: str) -> None:
    assert redaction.value(text) == text


def test_a_dsn_still_tells_where_it_leads() -> None:
    assert redaction.value("postgres://user:secret@db.example:5432/name") == "postgres://••••••@db.example:5432/name"
    assert redaction.value("s3://key:secret@bucket.example/?auth=s3v4") == "s3://••••••@bucket.example/?••••••"
    assert redaction.value("https://key@errors.example/1?a=b") == "https://••••••@errors.example/1?a=b"
    assert redaction.value("https://www.example.com/?a=b") == "https://www.example.com/?a=b"


def test_a_log_holds_neither_dsns_nor_sensitive_values() -> None:
    text = "tried postgres://u:secret@db.example/x with 1234 and 12, secret"
    secrets = ["1234", "12", *redaction.credentials("postgres://u:secret@db.example/x")]
    assert redaction.log(text, secrets) == "tried •••••• with •••••• and 12, ••••••"
