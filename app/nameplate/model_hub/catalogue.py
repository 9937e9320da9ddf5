"""The models that can be downloaded, as the catalogue describes them."""

from dataclasses import dataclass
from typing import Final

from nameplate.domain.messages import Message

_ALL_KNOWN: Final = Message("trust-checksums")


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """One file of a model that can be downloaded.

    Attributes:
        name: Where it belongs in the model folder, with `/`.
        path: Where it is in the repository, with `/`.
        bytes: Its size.
        is_exact: Whether `bytes` is exact; else it is right to about a tenth.
        sha256: 64 lower-case hexadecimal digits; empty where it is not known beforehand.
        first_seen: The day (2026-01-31) of the first download, which `sha256` and `bytes` are
            remembered from; empty where the catalogue gives them.
    """

    name: str
    path: str
    bytes: int
    is_exact: bool
    sha256: str
    first_seen: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model that can be downloaded.

    Attributes:
        id: What `nameplate models get` takes, and its id when it is installed.
        title: Name for the window.
        summary: What it is good for, in plain words.
        repository: `OWNER/NAME` on the hub.
        revision: A commit (40 hexadecimal digits), or the name of a branch.
        files: All that it needs.
        licence: Of the weights, and what it allows, in plain words.
        licence_url: Where its text is.
        needs_acceptance: Whether a person must accept the licence first, since it forbids uses that
            people expect to be free.
        languages: That prompts can be in.
        accuracy: Published zero-shot accuracy on ImageNet in percent; None where there is none.
        accuracy_source: Who published it.
        embedding_size: Length of an embedding.
        seen_commit: The commit of `revision` at the first download; empty before it.
    """

    id: str
    title: str
    summary: str
    repository: str
    revision: str
    files: tuple[CatalogueFile, ...]
    licence: str
    licence_url: str
    needs_acceptance: bool
    languages: str
    accuracy: float | None
    accuracy_source: str
    embedding_size: int
    seen_commit: str = ""

    @property
    def bytes(self) -> int:
        """The size of all files; right to about a tenth where one of them is not exact."""
        return sum(file.bytes for file in self.files)

    @property
    def is_exact(self) -> bool:
        """Whether `bytes` is exact."""
        return all(file.is_exact for file in self.files)

    @property
    def is_pinned(self) -> bool:
        """Whether the catalogue itself gives the content of every file."""
        return all(file.sha256 and not file.first_seen for file in self.files)

    @property
    def trust(self) -> Message:
        """What vouches for the files' content: the catalogue's checksums or the server."""
        files = len(self.files)
        open_ones = sum(not file.sha256 for file in self.files)
        seen = sum(bool(file.first_seen) for file in self.files)
        if open_ones and seen:
            return Message("trust-both", {"open": open_ones, "seen": seen, "files": files})
        if open_ones:
            return Message("trust-server", {"open": open_ones, "files": files})
        return Message("trust-first", {"seen": seen, "files": files}) if seen else _ALL_KNOWN
