"""Turns edits in the concept panel into undoable steps; merges names."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

from PySide6.QtCore import QObject

from nameplate.domain.changes import Effects, Title
from nameplate.domain.concepts import (
    REJECT_COLOUR,
    Concept,
    add_all,
    moved,
    next_colour,
    shared_name,
)
from nameplate.domain.concepts import rename as renamed
from nameplate.domain.errors import UsageError
from nameplate.domain.naming.lists import names_in_line
from nameplate.model_hub.catalogue import trained_for
from nameplate.model_hub.installed import STARTER
from nameplate.pipeline.prompt_encoder import names_cut_short
from nameplate.project import label_changes as rules
from nameplate.project.label_changes import change_concepts
from nameplate.scoring.alike import Pair
from nameplate.ui.actions.keys import shown_key
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.services import Services
from nameplate.ui.widgets.message_bar import CANCEL, LAST_STEP
from nameplate.ui.widgets.painting import shortened
from nameplate.wording.texts import error_text, listed, sentences, tr, trn

_LISTED: Final = 4
"""Names that are listed after several were added: what follows must not be cut off."""

_CATCH_ALL: Final = frozenset(("other", "others", "none", "misc", "rest", "unknown"))
"""Names that are meant for what fits none of the others, which a model can't know by the word."""
_LONGEST: Final = 20
"""Letters of a name in a hint, which has four short lines."""


class NamesView(Protocol):
    """The view of the names, with the box for new ones."""

    has_error: bool

    def set_concepts(self, concepts: tuple[Concept, ...], counts: dict[int, int]) -> None:
        """Show `concepts` with the number of labelled images by key."""
        ...

    def set_next(self, *, is_next: bool) -> None:
        """Show whether to name something is the next step."""
        ...

    def show_hint(self, text: str, *, is_error: bool = False) -> None:
        """Show a hint, or an error."""
        ...

    def name_text(self) -> str:
        """Return the typed text."""
        ...

    def clear_name_box(self) -> None:
        """Empty the box in which names are typed."""
        ...

    def label_selected(self, key: int) -> None:
        """Label the selected pictures with a concept, or take that label off."""
        ...


class ConceptEdits(QObject):
    """Presenter of the panel of names: applies its edits and keeps it up to date."""

    panel: NamesView

    def __init__(self, services: Services, scoring: Scoring) -> None:
        super().__init__(services.owner)
        self._owner, self._in_use = services.owner, services.model_in_use
        self._scoring, self._messages = scoring, services.messages
        self._actions = services.actions
        self._doubted = set[str]()  # names that the person was told the model hardly knows
        # Until the person was told of larger models, and of one that was trained for the names.
        self._leads_to_models = self._leads_to_better = True
        self._alike: tuple[Pair, ...] = ()
        self._is_said = False  # that the name that is typed is there
        self._owner.changed.connect(self._on_project_changed)
        scoring.remarked.connect(self._tell_remarks)

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:
            self._doubted, self._leads_to_models, self._leads_to_better = set(), True, True
        is_of_labels = len(effects.labelled) or (effects.images and not self._are_new(effects))
        if effects.concepts or is_of_labels:
            self.refresh()
        if effects.concepts or effects.images:
            project = self._owner.project
            self.panel.set_next(is_next=bool(project.images.present and not project.concepts))
        if effects.concepts:
            self.panel.show_hint(self._hint())

    def _are_new(self, effects: Effects) -> bool:
        """Return whether only images without labels were added, as while scanning a folder."""
        added = effects.added
        return bool(len(added)) and not self._owner.project.labels.states[added].any()

    def refresh(self) -> None:
        """Show the concepts and how many images each labels."""
        project = self._owner.project
        self.panel.set_concepts(project.concepts, project.counts.by_concept())

    def _tell_remarks(self, little_known: tuple[str, ...], pairs: tuple[Pair, ...]) -> None:
        """Tell of names that are nearly one to the model, and of those that it hardly knows."""
        before, self._alike = self._hint(), pairs
        # What was said of the last step stays where there is nothing new.
        if (hint := self._hint()) != before and not self.panel.has_error:
            self.panel.show_hint(hint)
        self._tell_little_known(little_known)  # the last hint is what stays
        self._tell_better_model()

    def _tell_little_known(self, names: tuple[str, ...]) -> None:
        """Tell once for each name that the model hardly knows it."""
        new = [name for name in names if name not in self._doubted]
        self._doubted.update(new)
        if new:
            model = self._in_use.model
            languages = tr(model.manifest.languages or "") if model else ""
            hint = sentences(
                tr("The model hardly knows {names}.", names=_first_two(new)),
                tr("It reads {languages}.", languages=languages) if languages else "",
                tr("Try a common word, or a synonym after |."),
                self._other_models(),
            )
            self.panel.show_hint(hint)

    def _tell_better_model(self) -> None:
        """Tell once for each project of a model that was trained for the names."""
        model, actions = self._in_use.model, self._actions
        if model is None or not self._leads_to_better or "models" not in actions:
            return
        better = trained_for([concept.name for concept in self._owner.project.concepts])
        if better is not None and better.id != model.manifest.id:
            self._leads_to_better = False
            key = actions.key_in_brackets("models")
            self.panel.show_hint(
                tr(
                    "“{model}” may tell these apart better: see Models{key}.",
                    model=better.title,
                    key=key,
                )
            )

    def _other_models(self) -> str:
        """Return where larger models are, once for each project in which the starter is used."""
        model, actions = self._in_use.model, self._actions
        is_small = model is not None and model.manifest.id == STARTER
        if not (is_small and self._leads_to_models and "models" in actions):
            return ""
        self._leads_to_models = False
        key = actions.key_in_brackets("models")
        return tr("A larger model may know more words: see Models{key}.", key=key)

    def _hint(self) -> str:
        """Return a hint about the current names; empty for none."""
        concepts, model = self._owner.project.concepts, self._in_use.model
        templates = self._scoring.template_set
        if model is not None and templates is not None and concepts:
            newest = max(concepts, key=lambda concept: concept.key)
            if names_cut_short([newest], templates, model.is_cut_short):
                return tr("The model reads only the beginning of the last name.")
            if newest.name.casefold() in _CATCH_ALL and not newest.is_reject:
                return sentences(
                    tr("“{name}” gives a label like any name.", name=newest.name),
                    tr("For “none of these”, select it and press !."),
                )
        if len(concepts) == 1:
            return tr("Add another name to compare with.")
        if shared := shared_name(concepts):
            name, one, other = shared
            names = (name, one.name, other.name)
            name, first, second = (shortened(text, _LONGEST) for text in names)
            return tr(
                "“{name}” means “{one}” and “{other}”. Remove it from one, or merge ({key}).",
                key=shown_key("Ctrl+J"),
                name=name,
                one=first,
                other=second,
            )
        known = set(map(_read_by, concepts))
        for one, other in self._alike:
            if _read_by(one) in known and _read_by(other) in known:
                first, second = (shortened(c.name, _LONGEST) for c in (one, other))
                return tr(
                    "The model hardly tells “{one}” from “{other}”. Rename, or merge ({key}).",
                    key=shown_key("Ctrl+J"),
                    one=first,
                    other=second,
                )
        return ""

    def add_line(self, line: str) -> None:
        """Add the names of a typed line; one that is there already labels the selected pictures."""
        names, project = names_in_line(line), self._owner.project
        there = self._known(names)
        before = project.revision
        if there is not None:
            self.panel.label_selected(there.key)
        if there is not None and project.revision != before:
            self.panel.clear_name_box()
            said = tr("“{name}” already exists: the selected pictures got it.", name=there.name)
            self._messages.tell_done(said, self._owner.undo)
            return
        self.add_lines(names or [line])
        if len(names) > 1 and not self.panel.name_text():
            added = trn(
                "Added {count:,} name: {names}.",
                "Added {count:,} names: {names}.",
                len(names),
                names=listed(names, _LISTED),
            )
            one = tr('For one name with a comma, use quotes: "…, …".')
            self.panel.show_hint(sentences(added, one))

    def _known(self, names: Sequence[str]) -> Concept | None:
        """Return the concept that a typed line names, if it exists."""
        known = {name.casefold(): c for c in self._owner.project.concepts for name in c.names}
        return known.get(names[0].casefold()) if len(names) == 1 else None

    def set_typed(self, text: str) -> None:
        """Score with the name being typed, too; if it exists, tell that Enter labels with it."""
        self._scoring.set_typed(text)
        there = self._known(names_in_line(self.panel.name_text()))
        if there is not None and self._owner.project.images.present:
            said = tr("Enter labels the selected pictures “{name}”.", name=there.name)
            self.panel.show_hint(said)
        elif self._is_said:
            self.panel.show_hint(self._hint())
        self._is_said = there is not None

    def add_lines(self, lines: list[str]) -> None:
        """Add one concept per line; unusable lines are reported and stay in the name box."""
        project = self._owner.project
        concepts, errors = add_all(project.concepts, lines, least_key=project.next_concept_id)
        if concepts != project.concepts:
            count = len(concepts) - len(project.concepts)
            self.change(Title("add-names", {"count": count, "name": concepts[-1].name}), concepts)
        wrong = [error_text(error) for _, error in errors]
        if wrong:
            count, more = len(lines) - len(wrong), len(wrong) - 1
            added = tr("{count:,} of {total:,} added.", count=count, total=len(lines))
            hint = sentences(added if len(lines) > 1 else "", wrong[0], more_like_it(more))
            self.panel.show_hint(hint, is_error=True)
        else:
            self.panel.clear_name_box()
            self._scoring.set_typed("")

    def rename(self, key: int, line: str) -> None:
        """Rename a concept, or offer to merge it with the one of that name."""
        concepts = self._owner.project.concepts
        try:
            after = renamed(concepts, key, line)
        except UsageError as error:
            if not self.offers_merge(key, error):  # what is offered says what is wrong
                self.panel.show_hint(error_text(error), is_error=True)
            return
        self.change(Title("rename"), _with_colours(concepts, after))

    def move(self, keys: list[int], place: int) -> None:
        """Move concepts before the one at `place` in the list."""
        self.change(Title("move"), moved(self._owner.project.concepts, keys, place))

    def remove(self, keys: list[int]) -> None:
        """Delete concepts, and tell how many pictures lose their label."""
        concepts = self._owner.project.concepts
        gone = [c for c in concepts if c.key in keys]
        counts = self._owner.project.counts.by_concept()
        if gone:
            title = Title("delete-names", {"count": len(gone), "name": gone[0].name})
            self.change(title, tuple(c for c in concepts if c.key not in keys))
        if lost := sum(counts.get(concept.key, 0) for concept in gone):
            name = gone[0].name
            deleted = trn("“{name}” deleted.", "{count:,} names deleted.", len(gone), name=name)
            labels = trn(
                "{count:,} picture lost its label. Undo restores both.",
                "{count:,} pictures lost their label. Undo restores both.",
                lost,
            )
            self.panel.show_hint(sentences(deleted, labels))

    def set_colour(self, keys: list[int], colour: str) -> None:
        """Give concepts a colour, as `#rrggbb`."""
        concepts = self._owner.project.concepts
        after = tuple(replace(c, colour=colour) if c.key in keys else c for c in concepts)
        self.change(Title("colour"), after)

    def set_reject(self, keys: list[int], *, is_reject: bool) -> None:
        """Let concepts mean none of these, or no longer."""
        concepts = self._owner.project.concepts
        after = tuple(replace(c, is_reject=is_reject) if c.key in keys else c for c in concepts)
        self.change(Title("reject"), _with_colours(concepts, after))

    def offers_merge(self, key: int, error: UsageError) -> bool:
        """Offer to merge a concept into the one that has its new name already, if this is wrong."""
        project = self._owner.project
        name = str(error.reason.parameters["name"]) if error.reason.code == "name-twice" else ""
        kept = next((c for c in project.concepts if c.name.casefold() == name.casefold()), None)
        one = project.concept(key)
        if one is None or kept is None:
            return False
        count = project.counts.by_concept().get(key, 0)
        labels = trn(
            "{count:,} label would become “{name}”.",
            "{count:,} labels would become “{name}”.",
            count,
            name=kept.name,
        )
        exists = tr("“{name}” already exists.", name=kept.name)
        asked = tr("Merge “{name}” into it?", name=one.name)
        self._messages.ask(
            sentences(exists, asked, labels if count else ""),
            (tr("Merge"), lambda: self.merge(kept.key, [key], as_synonyms=False)),
            CANCEL,
            about=LAST_STEP,
        )
        return True

    def merge(self, kept: int, others: list[int], *, as_synonyms: bool) -> None:
        """Merge the concepts `others` into `kept`; their names may become synonyms."""
        project = self._owner.project
        one = project.concept(kept)
        gone = [c for c in project.concepts if c.key in others and c.key != kept]
        if one is None or not gone:
            self._messages.tell(tr("Select two or more names, then merge them."))
            return
        counts = project.counts.by_concept()
        count = sum(counts.get(concept.key, 0) for concept in gone)
        try:
            change = rules.merge(project, kept, [c.key for c in gone], as_synonyms=as_synonyms)
        except UsageError as error:
            self.panel.show_hint(error_text(error), is_error=True)
            return
        title = Title("merge-names", {"count": len(gone), "name": gone[0].name})
        self._owner.change(change, title)
        self._messages.tell_done(_merged(gone, one.name, count), self._owner.undo)

    def change(self, title: Title, after: tuple[Concept, ...]) -> None:
        """Make these the concepts, as one step, unless they are."""
        if after != self._owner.project.concepts:
            self._owner.change(change_concepts(self._owner.project, after), title)


def more_like_it(count: int) -> str:
    """Return the sentence about further problems like one that was told; empty for none."""
    return trn("{count:,} more like it.", "{count:,} more like it.", max(0, count), zero="")


def _first_two(names: Sequence[str]) -> str:
    match [shortened(name, _LONGEST) for name in names]:
        case [one]:
            return one
        case [one, other]:
            return tr("{one} and {other}", one=one, other=other)
        case [one, other, *_more]:
            return tr("{one} and {other} and more", one=one, other=other)
        case _:
            return ""


def _merged(gone: Sequence[Concept], into: str, labels: int) -> str:
    """Return the message about merged concepts with so many labels."""
    merged = trn(
        "“{name}” merged into “{kept}”.",
        "{count:,} names merged into “{kept}”.",
        len(gone),
        name=gone[0].name,
        kept=into,
    )
    moved = trn("{count:,} label moved.", "{count:,} labels moved.", labels, zero="")
    return sentences(merged, moved)


def _read_by(concept: Concept) -> tuple[object, ...]:
    """Return the parts of a concept that its vector depends on, with its key."""
    return concept.key, concept.names, concept.prompts


def _with_colours(before: tuple[Concept, ...], after: tuple[Concept, ...]) -> tuple[Concept, ...]:
    """Return `after` with grey for new reject concepts and a colour for those no longer rejects."""
    was_reject = {c.key: c.is_reject for c in (*after, *before)}  # some are new
    return tuple(
        replace(c, colour=REJECT_COLOUR if c.is_reject else next_colour(after))
        if c.is_reject != was_reject[c.key]
        else c
        for c in after
    )
