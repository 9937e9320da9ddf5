"""Reads keywords from an XMP packet, and adds some without changing anything else.

A packet is RDF (Adobe, XMP Specification Part 1); keywords are `dc:subject`, and with their parents
`lr:hierarchicalSubject`, both an `rdf:Bag`. What Nameplate wrote is noted in a property of its own,
so that keywords of other programs stay when labels change, also those of the same text.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from nameplate.domain.errors import NameplateError
from nameplate.domain.messages import Message

MOST_BYTES: Final = 8_000_000
"""Of a sidecar; a history of many edits takes some hundred thousand."""

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC: Final = "http://purl.org/dc/elements/1.1/"
LR: Final = "http://ns.adobe.com/lightroom/1.0/"
OWN: Final = "urn:x-nameplate:xmp:1"

_SUBJECT: Final = f"{DC} subject"
_HIERARCHICAL: Final = f"{LR} hierarchicalSubject"
_LABELS: Final = f"{OWN} labels"
_KEPT: Final = f"{OWN} kept"
_PATHS: Final = f"{OWN} paths"
_STATE: Final = f"{OWN} state"
_BAGS: Final = {
    _SUBJECT: ("dc:subject", DC),
    _HIERARCHICAL: ("lr:hierarchicalSubject", LR),
    _LABELS: ("nameplate:labels", OWN),
    _KEPT: ("nameplate:kept", OWN),
    _PATHS: ("nameplate:paths", OWN),
}
_DEEPEST: Final = 100
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped (section 2.2)."""

_TAG: Final = re.compile(rb"""<(?:[^"'>]++|"[^"]*+"|'[^']*+')*+>""")
_ATTRIBUTE: Final = re.compile(rb"""\s++([^\s="'<>]++)\s*+=\s*+(?:"[^"]*+"|'[^']*+')""")
_EMPTY_OWN: Final = re.compile(
    rb"(?<!\s)\s*<rdf:Description xmlns:rdf=\"[^\"]*\" rdf:about=(?:\"[^\"]*\"|'[^']*')>"
    rb"\s*</rdf:Description>"
)
"""Descriptions that were written before and are empty now."""

EMPTY: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/">\n <rdf:RDF xmlns:rdf="{RDF}">\n </rdf:RDF>\n'
    '</x:xmpmeta>\n<?xpacket end="w"?>\n'
).encode()
"""A packet without any property."""


class PacketError(NameplateError):
    """A packet cannot be read or changed safely."""

    def __init__(self, why: Message | str) -> None:
        """Say why; a library says it in words."""
        super().__init__(Message("no-xmp", {"why": why}))


@dataclass(frozen=True, slots=True)
class Keywords:
    """The keywords in a packet.

    Attributes:
        subjects: All keywords, of every program.
        hierarchical: Those with their parents before a `|`.
        labels: Those that Nameplate wrote as labels; None where it wrote nothing.
        kept: Labels that were keywords before, and stay when they are labels no more.
        state: The review state that it wrote; may be empty.
        paths: Its labels with their parents, between `/`, where version 1.0 wrote these.
    """

    subjects: tuple[str, ...] = ()
    hierarchical: tuple[str, ...] = ()
    labels: tuple[str, ...] | None = None
    kept: tuple[str, ...] = ()
    state: str = ""
    paths: tuple[str, ...] = ()


def read_keywords(packet: bytes) -> Keywords:
    """Return the keywords in a packet.

    Raises:
        PacketError: It is none, too large, or has a document type, which may be a bomb.
    """
    found = _parsed(packet)
    own = found.texts.get(_LABELS)
    states = found.texts.get(_STATE, [])
    return Keywords(
        tuple(found.texts.get(_SUBJECT, ())),
        tuple(found.texts.get(_HIERARCHICAL, ())),
        tuple(own) if own is not None else None,
        tuple(found.texts.get(_KEPT, ())),
        "".join(states).strip(),
        tuple(found.texts.get(_PATHS, ())),
    )


def with_labels(packet: bytes, labels: Sequence[str], state: str) -> bytes:
    """Return a packet with `labels` among its keywords; all else is byte for byte the same.

    Labels that Nameplate wrote before and that are none any more go; other keywords stay, and so do
    those that had the text of a label before it was one.

    Raises:
        PacketError: As `read_keywords`; or it is not UTF-8.
    """
    found, before = _parsed(packet), read_keywords(packet)
    if found.end_of_rdf < 0:
        raise PacketError(Message("xmp-no-rdf"))
    gone = {_clean(label) for label in before.labels or ()} - set(before.kept)
    labels = tuple(dict.fromkeys(filter(None, map(_clean, labels))))
    there = {*before.subjects, *before.hierarchical} - gone
    added = [label for label in labels if label not in there]
    gone_paths = gone | {path.replace("/", "|") for path in before.paths}
    # A `|` in a name would make it a parent and its child.
    hierarchical = [label for label in added if "|" not in label]
    wanted = {
        _SUBJECT: _merged(before.subjects, gone, added),
        _HIERARCHICAL: _merged(before.hierarchical, gone_paths, hierarchical),
        _LABELS: labels,
        _KEPT: tuple(label for label in labels if label in there),
        _PATHS: (),
    }
    elements = "".join(
        _bag(name, values) for name, values in wanted.items() if values or name == _LABELS
    )
    own = f'xmlns:nameplate="{OWN}"'
    elements += f"   <nameplate:state {own}>{escape(state)}</nameplate:state>\n"
    about = f"rdf:about={quoteattr(found.about)}"
    added = f' <rdf:Description xmlns:rdf="{RDF}" {about}>\n{elements} </rdf:Description>\n '
    pieces, start = list[bytes](), 0
    for first, last in sorted(found.ranges):
        pieces.append(packet[start:first])
        start = last
    pieces += [packet[start : found.end_of_rdf], added.encode(), packet[found.end_of_rdf :]]
    new = _EMPTY_OWN.sub(b"", b"".join(pieces))
    after = read_keywords(new)
    if (after.subjects, after.labels, after.state) != (wanted[_SUBJECT], labels, state):
        raise PacketError(Message("xmp-not-as-written"))
    return new


class _Parsed:
    """A packet, parsed with expat; document types are refused, so nothing is expanded.

    Attributes:
        texts: The values of each known property.
        ranges: First and last byte of each property that is rewritten.
        about: What the first description is about.
        end_of_rdf: Where the end tag of the RDF begins; -1 where there is none.
    """

    def __init__(self, packet: bytes) -> None:
        self.texts, self.ranges = dict[str, list[str]](), list[tuple[int, int]]()
        self.about, self.end_of_rdf = "", -1
        self._packet = packet
        self._path = list[str]()
        self._property = ""
        self._start = 0
        self._text = list[str]()
        self._has_items = False
        self._has_about = False
        self._prefixes = dict[bytes, str]()
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.XmlDeclHandler = self._declared
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.EntityDeclHandler = _refuse_doctype
        self._parser.StartNamespaceDeclHandler = self._prefixed
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.Parse(packet, True)

    def _declared(self, _version: str, encoding: str | None, _alone: int) -> None:
        if (encoding or "utf-8").lower().replace("_", "-") not in ("utf-8", "utf8", "us-ascii"):
            raise PacketError(Message("xmp-encoding", {"encoding": encoding or ""}))

    def _prefixed(self, prefix: str | None, space: str) -> None:
        self._prefixes[(prefix or "").encode()] = space

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise PacketError(Message("xmp-too-deep"))
        if name == f"{RDF} Description" and not self._has_about:
            self._has_about = True
            self.about = attributes.get(f"{RDF} about", "")
        if name == f"{RDF} Description" and _STATE in attributes:
            self._found_attribute(attributes[_STATE])
        is_property = self._path[-2:-1] == [f"{RDF} Description"]
        if is_property and not self._property and (name in _BAGS or name == _STATE):
            self._property, self._start = name, self._parser.CurrentByteIndex
            self._has_items = False
            self.texts.setdefault(name, [])
        self._text.clear()

    def _end(self, name: str) -> None:
        at = self._parser.CurrentByteIndex
        text = "".join(self._text)
        if self._property:
            if name == f"{RDF} li":
                self._has_items = True
                self.texts[self._property].append(text)
            elif name == self._property and self._path[-2:-1] == [f"{RDF} Description"]:
                if not self._has_items and text.strip():  # a single value without a bag
                    self.texts[name].append(text)
                self.ranges.append((self._start, self._after_tag(at)))
                self._property = ""
        elif name == f"{RDF} RDF":
            self.end_of_rdf = at if self._packet[at : at + 2] == b"</" else -1
        self._path.pop()
        self._text.clear()

    def _found_attribute(self, state: str) -> None:
        """Note a state that is written as an attribute, XMP's short form."""
        self.texts.setdefault(_STATE, []).append(state)
        start = self._parser.CurrentByteIndex
        for one in _ATTRIBUTE.finditer(self._packet, start, self._after_tag(start)):
            prefix, _, local = one[1].rpartition(b":")
            if local == b"state" and self._prefixes.get(prefix) == OWN:
                self.ranges.append(one.span())

    def _after_tag(self, at: int) -> int:
        """Return the end of the tag that begins at a byte."""
        tag = _TAG.match(self._packet, at)
        if tag is None:
            raise PacketError(Message("xmp-endless-tag"))
        return tag.end()


def _parsed(packet: bytes) -> _Parsed:
    if len(packet) > MOST_BYTES:
        raise PacketError(Message("xmp-too-large"))
    try:
        packet.decode("utf-8")
        return _Parsed(packet)
    except (expat.ExpatError, ValueError, RecursionError) as error:
        raise PacketError(str(error)[:200]) from error


def _refuse_doctype(*_: object) -> None:
    raise PacketError(Message("xmp-document-type"))


def _merged(before: Iterable[str], gone: set[str], labels: Iterable[str]) -> tuple[str, ...]:
    kept = [one for one in before if one not in gone]
    return tuple(dict.fromkeys([*kept, *labels]))


def _bag(name: str, values: Sequence[str]) -> str:
    tag, space = _BAGS[name]
    items = "".join(f"     <rdf:li>{escape(value)}</rdf:li>\n" for value in values)
    prefix = tag.partition(":")[0]
    return (
        f'   <{tag} xmlns:{prefix}="{space}">\n    <rdf:Bag>\n{items}    </rdf:Bag>\n   </{tag}>\n'
    )


def _clean(label: str) -> str:
    """Return a label without characters that XML cannot hold."""
    return _NO_XML.sub("", label)
