"""What a project keeps of imports."""

from typing import TYPE_CHECKING, Final

from nameplate.domain.facts import Fact

if TYPE_CHECKING:
    from nameplate.features.exchange.given import GivenLabels

GIVEN: "Final[Fact[GivenLabels | None]]" = Fact(
    "given", None, "given:given_json", "given:given_of", with_project=True
)
"""The labels that came with the pictures; they stay known when a person corrects them."""
