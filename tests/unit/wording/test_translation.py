"""The program speaks the language of the person, by files that translators edit."""

import sys
import threading
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from nameplate.domain.messages import Message
from nameplate.plug_ins.registry import commands, features
from nameplate.storage import resources
from nameplate.wording import translation
from nameplate.wording.numbers import (
    day_of,
    duration,
    format_bytes,
    format_number,
    percent,
    time_of_day,
)
from nameplate.wording.texts import remedy_of, tr, trn, what_in_english, what_of
from nameplate.wording.translation import NAMES, language_for, use

ROOT = Path(__file__).parents[3]
RESOURCES = ROOT / "resources"
sys.path.insert(0, str(ROOT / "packaging"))

import translations  # noqa: E402
from compile_translations import compiled  # noqa: E402

GERMAN = r"""
msgid ""
msgstr "Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "Add {names}"
msgstr "{names} hinzufügen"

#, fuzzy
msgid "Undo"
msgstr "Falsch"

msgid "{count:,} picture"
msgid_plural "{count:,} pictures"
msgstr[0] "{count:,} Bild"
msgstr[1] ""
"{count:,} "
"Bilder"

msgid "“{name}” deleted"
msgstr "„{name}“ gelöscht"

msgid "{count:,} names deleted"
msgid_plural "{count:,} names deleted"
msgstr[0] "{count:,} Namen weg"
msgstr[1] "{count:,} Namen weg"

msgctxt "decimal separator"
msgid "."
msgstr ","

msgctxt "thousands separator"
msgid ","
msgstr "."

msgid "file not found"
msgstr "Datei „{where}“ nicht gefunden \"so\""

msgid "Broken {name}"
msgstr "Kaputt {name"

msgid "Odd {name}"
msgstr "Seltsam {name[0][x]}"

msgid "{percent}%"
msgstr "{percent} %"

#~ msgid "gone"
#~ msgstr "weg"
"""


@pytest.fixture(autouse=True)
def _english_again():
    yield
    use("en")


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """The compiled file that German is read from."""
    source = tmp_path / "de.po"
    source.write_text(GERMAN, encoding="utf-8")
    file = tmp_path / "de.mo"
    file.write_bytes(compiled(source))
    monkeypatch.setattr(translation, "resource", lambda *parts: tmp_path / parts[-1])
    return file


@pytest.fixture
def german(catalogue):
    use("de")
    return catalogue


@pytest.mark.usefixtures("german")
def test_texts_numbers_and_plurals_are_those_of_the_language():
    assert tr("Add {names}", names="Hund") == "Hund hinzufügen"
    assert [trn("{count:,} picture", "{count:,} pictures", n) for n in (1, 1200)] == [
        "1 Bild",
        "1.200 Bilder",
    ]
    assert (format_number(1234.5, ",.1f"), percent(0.5)) == ("1.234,5", "50 %")
    assert format_number(0.256, ".1%") == "25,6 %"
    assert format_bytes(2_400_000) == "2,4 MB"
    assert format_number(0.956, ".1%") == "95,6 %"
    assert trn("{count:,} picture", "{count:,} pictures", 1.5) == "1,5 Bilder"
    assert tr("Never seen {share:.0%}", share=0.5) == "Never seen 50 %"


@pytest.mark.usefixtures("german")
def test_a_form_for_one_that_names_it_is_a_text_of_its_own():
    one, many = "“{name}” deleted", "{count:,} names deleted"
    assert [trn(one, many, n, name="Hund") for n in (1, 2)] == ["„Hund“ gelöscht", "2 Namen weg"]


def test_a_number_of_nothing_may_say_nothing():
    assert trn("{count:,} wrong", "{count:,} wrong", 0, zero="") == ""


@pytest.mark.usefixtures("german")
def test_what_is_not_translated_uncertain_or_broken_stays_english():
    assert tr("Undo") == "Undo"
    assert tr("Never seen {name}", name="x") == "Never seen x"
    assert tr("Broken {name}", name="x") == "Broken x"
    assert tr("Odd {name}", name="x") == "Odd x"
    assert duration(5) == "5 s"


@pytest.mark.usefixtures("german")
def test_messages_are_translated_by_their_english_text(monkeypatch):
    known = {"lost": translation_of("file not found")}
    monkeypatch.setattr("nameplate.wording.texts.catalogue", lambda: known)
    message = Message("lost", {"where": "a.jpg"})
    assert what_of(message) == 'Datei „a.jpg“ nicht gefunden "so"'
    assert remedy_of(message) == ""
    assert what_in_english(message) == "file not found"


def translation_of(text):
    from nameplate.wording.texts import Text

    return Text((text,))


@pytest.mark.usefixtures("german")
def test_english_in_one_thread_leaves_the_others_alone():
    inside, said = threading.Event(), []

    def other():
        inside.wait()
        said.append(tr("Add {names}", names="Hund"))

    thread = threading.Thread(target=other)
    thread.start()
    with translation.in_english():
        inside.set()
        thread.join()
        assert tr("Add {names}", names="Hund") == "Add Hund"
    assert said == ["Hund hinzufügen"]


def test_what_a_feature_declares_is_translated_in_a_message(spoken):
    found = Message("filter-found", {"text": "Label may be wrong"})
    assert what_of(found) == "Label may be wrong"
    spoken("de")
    assert what_of(found) == "Label könnte falsch sein"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (["de_AT.UTF-8"], "de"),
        (["gl_ES", "es_ES@euro"], "es"),
        (["zh-Hans-CN"], "zh_CN"),
        (["zh_TW.UTF-8", "ja"], "ja"),
        (["C.UTF-8", "de"], "en"),
        (["en_GB", "de"], "en"),
        (["xx_YY", ""], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_that_there_is_one_for_is_spoken(wanted, code):
    assert language_for(wanted) == code


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("named", "chosen", "spoken"),
    [
        ("", "", "de"),
        ("", "en", "en"),
        ("en", "de", "en"),
        ("de_AT", "en", "de"),
        ("nonsense", "", "de"),
    ],
)
def test_a_variable_names_the_language_before_what_is_chosen_and_that_of_the_system(
    named, chosen, spoken, monkeypatch
):
    monkeypatch.setenv("NAMEPLATE_LANGUAGE", named)
    translation.speak(["de_CH.UTF-8"], chosen)
    assert translation.current().code == spoken


@pytest.mark.parametrize("part", [0, 3, 20, 100, 0.5, 0.99])
def test_a_damaged_file_is_no_translation(part, catalogue):
    whole = catalogue.read_bytes()
    catalogue.write_bytes(whole[: part if isinstance(part, int) else int(part * len(whole))])
    use("de")
    assert translation.current().is_english
    catalogue.write_bytes(b"hello" + whole)
    use("de")
    assert tr("Add {names}", names="Hund") == "Add Hund"


def test_a_missing_file_is_no_translation(monkeypatch):
    def nowhere(*_parts):
        raise resources.InstallationError("missing-from-installation", where="here")

    monkeypatch.setattr(translation, "resource", nowhere)
    use("de")
    assert tr("Undo") == "Undo"


# ---- the files that there are


@pytest.mark.parametrize(
    ("code", "day", "time"),
    [
        ("en", "on 4 May 2026", "4 May 2026 at 09:07"),
        ("de", "am 4. Mai 2026", "4. Mai 2026 um 09:07"),
        ("es", "el 4 de mayo de 2026", "4 de mayo de 2026 a las 09:07"),
        ("fr", "le 4 mai 2026", "4 mai 2026 à 09:07"),
        ("ja", "2026年5月4日", "2026年5月4日 09:07"),
        ("zh_CN", "2026年5月4日", "2026年5月4日 09:07"),
    ],
)
def test_dates_are_written_as_the_language_does(code, day, time):
    at, now = (datetime(year, 5, 4, 9, 7).astimezone() for year in (2026, 2027))
    use(code)
    assert day_of(at.timestamp(), now) == day
    assert time_of_day(at.timestamp(), now) == time


@pytest.fixture(scope="module")
def english():
    return translations.template(translations.texts())


def test_no_text_is_asked_for_before_the_language_is_known():
    with pytest.raises(ValueError, match="at import"):
        list(translations.texts_of_code('NAME = tr("Undo")', "a.py"))
    found = translations.texts_of_code('def name():\n    return tr("Undo")', "a.py")
    assert [one.text for one in found] == ["Undo"]


def test_a_declaration_that_names_a_text_is_refused_as_it_would_not_be_translated():
    with pytest.raises(TypeError, match="TEXT"):
        list(translations.texts_of_code('Option("--a", "help", TEXT)', "a.py"))


def modules_of_commands():
    named = {f"{one.package}.{more.module}" for one in features() for more in one.extensions}
    of_features = [find_spec(name).origin for name in named | {one.module for one in commands()}]
    return sorted({*map(Path, of_features), *(ROOT / "app/nameplate/cli").rglob("*.py")})


@pytest.mark.parametrize("path", modules_of_commands(), ids=lambda path: "/".join(path.parts[-2:]))
def test_nothing_that_a_command_prints_is_for_translators(path):
    found = translations.texts_of_code(path.read_text(encoding="utf-8"), path.name)
    assert [one.text for one in found] == []


def test_messages_and_help_of_commands_are_not_for_translators(english):
    texts = {one for _, one, _ in translations.keys(english)}
    assert "the probability of every concept" not in texts
    assert "give either images, or --text with a prompts file" not in texts
    assert "Probability of every name" in texts


def test_texts_that_differ_only_in_their_plural_are_refused(english):
    assert len(english) > 1000
    one, other = (translations.Found("a", many) for many in ("as", "aa"))
    with pytest.raises(ValueError, match="two plurals"):
        translations.template([one, other])


def files():
    return sorted((ROOT / "packaging" / "translations").glob("*.po"))


def test_what_ships_is_compiled_from_these_files_and_nothing_else():
    shipped = {path.name: path.read_bytes() for path in (RESOURCES / "translations").iterdir()}
    assert not [*RESOURCES.rglob("*.po")]
    assert {path.stem for path in files()} == {*NAMES} - {"en"}
    advice = "run: make, or python packaging/translations.py update"
    assert shipped == {f"{path.stem}.mo": compiled(path) for path in files()}, advice


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_a_translation_has_the_texts_of_the_code_and_their_fields(path, english):
    found = translations.load(path)
    advice = "run: python packaging/translations.py update"
    assert translations.keys(found) == translations.keys(english), advice
    assert not list(translations.problems(found))


@pytest.mark.parametrize(
    ("english", "translated", "is_right"),
    [
        ("{share:.0%} of {names: and }", "{names: und }: {share:.0%}", True),
        ("{share:.0%}", "{share:.0 %}", False),
        ("{count:,} left", "noch {count}", False),
        ("Add {name}", "{nom} hinzufügen", False),
        ("Add {name}", "{name hinzufügen", False),
        ("{bytes:bytes}", "{bytes}", False),
    ],
)
def test_a_translation_keeps_fields_and_their_formats(english, translated, is_right):
    catalogue = Catalog(locale="de")
    catalogue.add(english, translated)
    assert (list(translations.problems(catalogue)) == []) == is_right
