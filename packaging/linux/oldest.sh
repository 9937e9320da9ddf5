#!/bin/sh
# Runs a command for this checkout in Debian 12, so that what it builds runs on older systems:
#
#   packaging/linux/oldest.sh make VENV=.venv-oldest bundle packages
#
# It is the oldest Debian whose Python will do. It is made once, in `build`, with what building needs; the
# checkout is seen there at its own path. Needs root, for a system of its own (chroot).
set -eu

fail() {
  printf 'oldest: %s\n' "$*" >&2
  exit 2
}

[ $# -gt 0 ] || fail "name a command, such as: make bundle"
[ "$(id -u)" = 0 ] || fail "this needs root, for a Debian of its own (chroot)."
command -v debootstrap >/dev/null || fail "debootstrap is missing; Debian: apt install debootstrap"

cd "$(dirname "$0")/../.."
root=$PWD/build/linux-roots/oldest
if [ ! -e "$root/ready" ]; then
  rm -rf "$root"
  mkdir -p "${root%/*}"
  debootstrap --variant=minbase \
    --include=binutils,ca-certificates,libpython3.11,make,makeself,python3-venv bookworm "$root"
  touch "$root/ready"
fi
mkdir -p "$root$PWD"
cp /etc/resolv.conf "$root/etc"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs" # whom this machine trusts, such as a company's proxy
# The mounts are seen by this command alone, and end with it.
# shellcheck disable=SC2016 # the inner shell expands what it is given
exec unshare --mount sh -euc '
  root=$1 here=$2
  shift 2
  mount --bind "$here" "$root$here"
  for name in proc dev; do mount --bind "/$name" "$root/$name"; done
  exec chroot "$root" env -C "$here" PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
' sh "$root" "$PWD" "$@"
