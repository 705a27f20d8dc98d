"""Passwords in URLs of storages and addresses of schedulers."""

from __future__ import annotations

import pytest

from lunar_antenna.common.secret import redacted, without_secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:s3cret@host/db", "postgresql://me:***@host/db"),
        (
            "postgresql+psycopg://me:s3/cr@et@host/db?x=1",
            "postgresql+psycopg://me:***@host/db?x=***",
        ),
        ("tcp://:s3cret@host:1", "tcp://:***@host:1"),
        ("me:s3cret@host", "me:***@host"),
        ("postgresql:me:s3cret@host/x", "postgresql:***@host/x"),
        ("postgresql:/me:s3cret@host/x", "postgresql:***@host/x"),
        ("//me:s3cret@host", "//me:***@host"),
        (
            "postgresql://host/x?password=s3cret&user=me",
            "postgresql://host/x?password=***&user=***",
        ),
        ("sqlite:///a/b.db", "sqlite:///a/b.db"),
        ("sqlite:////a:b@c/d.db", "sqlite:////a:b@c/d.db"),  # a folder
        ("tcp://127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("study.db", "study.db"),
        ("", ""),
    ],
)
def test_what_is_shown_of_an_address(url, shown):
    assert redacted(url) == shown
    assert "s3cret" not in redacted(url)


def test_what_a_driver_says_is_shown_without_the_secret_in_any_form():
    url = "postgresql://me:s3%20cret@host/x?sslkey=k3y"
    told = "bad s3%20cret or 's3 cret', k3y; monk3ys stay"
    assert without_secrets(told, url) == "bad *** or '***', ***; monk3ys stay"
