"""The facts that a project keeps about imports."""

from typing import Any, Final

from nameplate.domain.facts import Fact

GIVEN: Final[Fact[Any]] = Fact(
    "given", None, "given:given_json", "given:given_of", with_project=True
)
"""The labels that came with the pictures, `GivenLabels` or None; they stay known when a person
corrects them."""
