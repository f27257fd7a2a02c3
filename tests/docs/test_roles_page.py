"""The page of roles is the one that the docstrings make."""

import re

from harness.declaration.roles import ROLES
from studies.roles_page import PAGE, page

COUNTED = re.compile(r"^(Claims: .*|No claim takes it yet\.)$", re.MULTILINE)


def test_the_page_is_current() -> None:
    # Which claims take a role may change from day to day; the protocols may not drift.
    current, written = (COUNTED.sub("", one) for one in (page(), PAGE.read_text(encoding="utf-8")))
    assert written == current, "docs/roles.md is out of date: run python -m studies.roles_page"


def test_every_role_has_a_protocol() -> None:
    text = page()
    assert all(f"\n## {role}\n" in text for role in ROLES)
    assert "\nNone\n" not in text
