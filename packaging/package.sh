#!/usr/bin/env bash
# Makes and tries what a release gives out, for the platform of one binary:
#
#   packaging/package.sh [--target TRIPLE] [--bin FILE] [--out DIR]
#
# Without --bin it builds the `dist` profile. DIR (target/package) gets an archive with the
# program, the licences, the manual page and completions; its SHA-256; the npm packages;
# and npm-local/spikeflame-VERSION.tgz, which holds the program itself:
#
#   npx --package target/package/npm-local/spikeflame-VERSION.tgz spikeflame --help
#
# Nothing is published.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target='' bin='' out=target/package
while [[ $# -gt 0 ]]; do
  case $1 in
    --target) target=$2; shift 2 ;;
    --bin) bin=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    *) echo "unknown argument $1: see the head of packaging/package.sh" >&2; exit 2 ;;
  esac
done
host=$(rustc -vV | sed -n 's/^host: //p')
target=${target:-$host}
suffix=''
[[ $target != *windows* ]] || suffix=.exe
if [[ ! $bin ]]; then
  # Released programs speak to servers by https. A build from source does not need a C compiler.
  cargo build --profile dist --locked -p spikeflame --features https --target "$target"
  bin=${CARGO_TARGET_DIR:-target}/$target/dist/spikeflame$suffix
fi

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
name=spikeflame-$version-$target
mkdir -p "$out"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/$name"/{completions,man}
cp "$bin" "$scratch/$name/spikeflame$suffix"
cp README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$scratch/$name/"

# The program writes these itself; one that was built for another machine cannot run here.
runs=false
if [[ $target == "$host" || ${target%-*} == "${host%-*}" ]] && "$bin" --version >/dev/null 2>&1; then
  runs=true
  "$bin" man >"$scratch/$name/man/spikeflame.1"
  for shell in bash elvish fish powershell zsh; do
    "$bin" completions "$shell" >"$scratch/$name/completions/spikeflame.$shell"
  done
else
  rmdir "$scratch/$name"/{completions,man}
  echo "NOTE: $bin cannot run here: no manual page and completions in the archive, and nothing was tried"
fi

# An archive of equal files is equal byte by byte.
archive=$out/$name.tar.gz
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$scratch" -cf - "$name" | gzip -9n >"$archive"
(cd "$out" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")

case $target in
  x86_64-unknown-linux-*) platform=linux-x64 ;;
  aarch64-unknown-linux-*) platform=linux-arm64 ;;
  x86_64-apple-darwin) platform=darwin-x64 ;;
  aarch64-apple-darwin) platform=darwin-arm64 ;;
  x86_64-pc-windows-*) platform=win32-x64 ;;
  *) platform='' ;;
esac
if [[ $platform ]]; then
  node packaging/npm/pack.mjs "$out/npm" "$platform=$bin"
  node packaging/npm/pack.mjs --bundle "$out/npm-local" "$platform=$bin"
fi
ls -l "$archive" "$archive.sha256"
if [[ $runs == true && $platform ]]; then
  packaging/try.sh "$archive" "$out/npm-local/spikeflame-$version.tgz"
fi
