"""The languages of the program's texts."""


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that there are texts in."""
    return ("en",)


def use(language: str) -> None:
    """Word all texts from now on in a language; in the system's, where that is empty or unknown."""
    del language  # there is one only
