"""Names of pictures that come from several folders into one."""

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from nameplate.features.exchange.formats.picture_names import picture_names

PATHS = st.lists(
    st.sampled_from(["a.jpg", "A.JPG", "in/a.jpg", "b/a.jpg", "a.png", "in/a", "CON.jpg",
                     "x/con.JPG", "a-ba53cb26.jpg", "é.jpg", "e\u0301.jpg",
                     "y/" + "l" * 240 + ".jpeg", ".jpg"])
    | st.text(min_size=1),
    unique=True,
)  # fmt: skip


@given(PATHS, st.booleans())
def test_no_two_pictures_get_the_same_name_on_any_system(paths, is_by_stem):
    names = picture_names(paths, is_by_stem=is_by_stem)
    keys = [PurePosixPath(name).stem if is_by_stem else name for name in names]
    assert len({key.casefold() for key in keys}) == len(paths)
    assert all(len(name.encode()) < 200 and "/" not in name for name in names)


def test_a_plain_name_stays_and_a_long_one_keeps_its_ending():
    plain, long = picture_names(["in/IMG_1.JPG", "x" * 240 + ".heic"])
    assert plain == "IMG_1.JPG"
    assert long.endswith("x.heic")


def test_names_that_clash_keep_theirs_when_others_come_and_go():
    some = dict(zip(p := ["a/1.jpg", "b/1.jpg", "c/2.jpg"], picture_names(p), strict=True))
    more = dict(zip(q := ["0/1.jpg", *p[1:], p[0]], picture_names(q), strict=True))
    assert {path: more[path] for path in p} == some
    assert some["c/2.jpg"] == "2.jpg"
    assert some["a/1.jpg"] != some["b/1.jpg"]
    assert some["a/1.jpg"].startswith("1-")
