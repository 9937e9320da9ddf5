"""What a project keeps of a classifier that it uses."""

from typing import TYPE_CHECKING, Final

from nameplate.domain.feature import Fact

if TYPE_CHECKING:
    from nameplate.features.classifier.using import Brought

TAUGHT_ELSEWHERE: "Final[Fact[Brought | None]]" = Fact(
    "taught elsewhere", None, "using:brought_json", "using:brought_of"
)
"""What was learned in another project, and is used in this one."""
