#!/bin/sh
# Installs Nameplate for one person, without rights; with --uninstall it takes it away again.
# Pictures, projects and settings are never touched.
set -eu

share=${XDG_DATA_HOME:-$HOME/.local/share}
program=$HOME/.local/lib/nameplate
link=$HOME/.local/bin/nameplate
entry=applications/org.nameplate.Nameplate.desktop

say() { printf '%s\n' "$*"; }

fail() {
  printf 'nameplate: %s\n' "$*" >&2
  exit 1
}

quietly() {
  if command -v "$1" >/dev/null 2>&1; then "$@" >/dev/null 2>&1 || true; fi
}

# Menus and file types are known from databases; where the tools are missing, the desktop has none.
refresh() {
  mkdir -p "$share/mime/packages" # without, what was made of ours would stay in the database
  quietly update-desktop-database "$share/applications"
  quietly update-mime-database "$share/mime"
}

# In an entry a path is quoted, and each backslash of that doubled.
quoted() {
  printf '%s' "$1" | sed -e 's/\\/\\\\\\\\/g' -e 's/["`$]/\\\\&/g' -e 's/%/%%/g'
}

uninstall() {
  [ -f "$program/installed" ] || fail "Nameplate isn't installed in $program."
  while IFS= read -r name; do
    rm -f "$share/$name"
    (cd "$share" && rmdir -p "${name%/*}") 2>/dev/null || true # where nothing else is in it
  done <"$program/installed"
  [ "$(readlink "$link" 2>/dev/null)" != "$program/nameplate" ] || rm -f "$link"
  rm -rf "$program"
  refresh
  say "Nameplate is uninstalled. Projects and settings are still there."
}

install() {
  new=$program.new
  rm -rf "$new"
  mkdir -p "$new" "$share" "${link%/*}" || fail "can't write to $HOME/.local."
  cp -R nameplate/. "$new/" || fail "can't copy to $program: is there enough space?"
  said=$("$new/nameplate" --version 2>&1) ||
    { rm -rf "$new"; fail "Nameplate, which needs glibc @GLIBC@ or newer, can't start here: $(printf '%s' "$said" | tail -n 1)"; }
  (cd share && find . -type f | sed 's|^\./||') >"$new/installed"
  cp install.sh "$new/install.sh"
  rm -rf "$program"
  mv "$new" "$program"
  cp -R share/. "$share/"
  command="Exec=\"$(quoted "$program/nameplate")\" %F" awk \
    '/^Exec=/ { print ENVIRON["command"]; next } { print }' "share/$entry" >"$share/$entry"
  ln -sfn "$program/nameplate" "$link"
  refresh
  say "Nameplate @VERSION@ is installed: find it in the menu, or run $link"
  say "To uninstall: $program/install.sh --uninstall"
}

[ -n "${HOME:-}" ] || fail "HOME isn't set."
case ${1:-} in
  '') install ;;
  --uninstall) uninstall ;;
  *) fail "unknown option $1; there is --uninstall." ;;
esac
