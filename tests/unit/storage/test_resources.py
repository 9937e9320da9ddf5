import pytest

from nameplate.domain.errors import NameplateError
from nameplate.storage.resources import find_data_root, resource, starter_model


def home(root):
    (root / "resources").mkdir(parents=True)
    return root


def test_in_a_checkout_the_root_is_the_repository(tmp_path):
    home(tmp_path)
    package = tmp_path / "app" / "nameplate"
    assert find_data_root(package, None) == tmp_path


def test_in_an_installed_wheel_the_root_is_inside_the_package(tmp_path):
    home(tmp_path)  # a folder `resources` near site-packages must not win
    package = tmp_path / "site-packages" / "nameplate"
    assert find_data_root(package, None) == tmp_path
    home(package / "_data")
    assert find_data_root(package, None) == package / "_data"


def test_in_a_frozen_bundle_the_root_is_where_it_was_unpacked(tmp_path):
    bundle = home(tmp_path / "bundle" / "nameplate" / "_data")
    package = tmp_path / "site-packages" / "nameplate"
    home(package / "_data")
    assert find_data_root(package, str(tmp_path / "bundle")) == bundle


def test_a_program_without_its_files_says_what_to_do(tmp_path):
    with pytest.raises(NameplateError, match="installation-incomplete") as caught:
        find_data_root(tmp_path / "app" / "nameplate", None)
    assert caught.value.exit_code == 3


def test_the_programs_own_files_are_found():
    assert resource("samples", "coffee.jpg").is_file()
    assert starter_model().name == "starter"


def test_a_missing_resource_is_named():
    with pytest.raises(NameplateError, match=r"no-such\.txt"):
        resource("templates", "no-such.txt")
