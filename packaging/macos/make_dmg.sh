#!/bin/sh
# Makes dist/Nameplate-VERSION-ARCH.dmg of dist/Nameplate.app, on a Mac: signed and notarised.
#
#   packaging/macos/make_dmg.sh             needs the variables below
#   packaging/macos/make_dmg.sh --unsigned  without; macOS then warns whoever opens it
#
# SIGNING_IDENTITY   a "Developer ID Application: NAME (TEAM)" of the keychain
# NOTARY_PROFILE     credentials that "xcrun notarytool store-credentials" kept under this name
set -eu

cd "$(dirname "$0")/../.."
app=dist/Nameplate.app
here=packaging/macos

fail() {
  printf 'make_dmg: %s\n' "$*" >&2
  exit 2
}

[ "$(uname)" = Darwin ] || fail "a disk image is made on macOS."
case ${1:-} in
  '') is_signed=yes ;;
  --unsigned) is_signed=no ;;
  *) fail "unknown option $1; there is --unsigned." ;;
esac
if [ $is_signed = yes ]; then
  [ -n "${SIGNING_IDENTITY:-}" ] ||
    fail "set SIGNING_IDENTITY to a Developer ID Application certificate, or use --unsigned."
  [ -n "${NOTARY_PROFILE:-}" ] ||
    fail "set NOTARY_PROFILE to a profile of notarytool, or use --unsigned."
fi
[ -d "$app" ] || fail "$app is missing; run: make bundle"

version=$(defaults read "$PWD/$app/Contents/Info" CFBundleShortVersionString)
image=dist/Nameplate-$version-$(uname -m).dmg

sign() { codesign --force --timestamp --sign "$SIGNING_IDENTITY" "$@"; }

if [ $is_signed = yes ]; then
  # From the inside out: the seal of the program covers what is in it. Not all libraries end in
  # .so or .dylib.
  find "$app/Contents" -type f -print | while IFS= read -r file; do
    case $(file -b "$file") in
      Mach-O*) sign --options runtime "$file" ;;
    esac
  done
  find "$app/Contents/Frameworks" -type d -name '*.framework' -print | while IFS= read -r folder; do
    sign --options runtime "$folder"
  done
  sign --options runtime --entitlements "$here/entitlements.plist" "$app"
  codesign --verify --deep --strict "$app"
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ditto "$app" "$folder/Nameplate.app"
ln -s /Applications "$folder/Applications"
rm -f "$image"
hdiutil create -quiet -volname "Nameplate $version" -srcfolder "$folder" -format ULFO "$image"

if [ $is_signed = yes ]; then
  sign "$image"
  xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
  xcrun stapler staple "$image"
  spctl --assess --type open --context context:primary-signature "$image"
fi
shasum -a 256 "$image"
