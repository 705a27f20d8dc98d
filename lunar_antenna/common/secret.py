"""URLs and addresses as they may be shown: without passwords."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

# What stands between the first colon after the user's name and the last @, where a password is even
# if it holds / or @ unescaped; where no scheme is told all from the first colon on, and the values
# of the query.
_PASSWORD = re.compile(r"(?:(?<=://)([^:@/?]*)|\A(?![^@]*://)([^:@]*)):(.*)@", re.DOTALL)
_QUERY = re.compile(r"(?<=[?&])([^=&?]+)=([^&]*)")


def redacted(url: str) -> str:
    """``url``, well formed or not, without what may be secret."""
    without = _PASSWORD.sub(lambda found: f"{found[1] or found[2] or ''}:***@", url)
    return _QUERY.sub(r"\1=***", without)


def without_secrets(text: str, url: str) -> str:
    """``text`` of a library, with *** where something secret of ``url`` stands in it."""
    found = [match[-1] for match in (*_PASSWORD.findall(url), *_QUERY.findall(url)) if match[-1]]
    found += [part for item in found for part in re.split(r"[:/@]", item) if len(part) > 3]
    forms = {form for item in found for form in (item, unquote_plus(item))}
    for secret in sorted(forms, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", text)
    return text
