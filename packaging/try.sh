#!/usr/bin/env bash
# Tries an archive and an npm tarball as a newcomer would: in an empty home, with no Rust on
# the path. `packaging/try.sh ARCHIVE NPM_TARBALL`; prints how long `npx` took.
set -euo pipefail
archive=$(realpath "$1") tarball=$(realpath "$2")
sample=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../samples/spike/before-1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

(cd "$(dirname "$archive")" && sha256sum --check --quiet "$(basename "$archive").sha256")
tar -xzf "$archive" -C "$scratch"
folder=$scratch/$(basename "$archive" .tar.gz)
"$folder/spikeflame" --version
for file in man/spikeflame.1 completions/spikeflame.bash LICENSE-MIT LICENSE-APACHE README.md; do
  [[ -s $folder/$file ]] || { echo "the archive lacks $file" >&2; exit 1; }
done
bash -n "$folder/completions/spikeflame.bash"
licences=$(tar -tzf "$tarball" | grep -c 'LICENSE-\(MIT\|APACHE\)$')
[[ $licences -eq 4 ]] || { echo "the npm packages hold $licences licences, not 4" >&2; exit 1; }

mkdir "$scratch/home" "$scratch/work"
cd "$scratch/work"
tools=$(dirname "$(command -v node)"):/usr/bin:/bin
began=$(date +%s%N)
env -i npm_config_update_notifier=false HOME="$scratch/home" PATH="$tools" \
  npx --yes --offline --package "$tarball" spikeflame flame "$sample" -o flame.svg
took=$((($(date +%s%N) - began) / 1000000))
grep -q '</svg>' flame.svg
# A busy machine can take longer, so the time is shown and does not decide.
echo "npx, install and picture: $took ms (aim: under 10000)"
((took < 10000)) || echo 'NOTE: npx took longer than 10 s here'

# Exit codes and signals are the program's.
status=0
env -i npm_config_update_notifier=false HOME="$scratch/home" PATH="$tools" \
  npx --yes --offline --package "$tarball" spikeflame flame missing.log 2>message || status=$?
[[ $status -eq 2 ]] && grep -q missing.log message || { echo "exit code $status for a missing file" >&2; cat message >&2; exit 1; }
echo 'archive and npm package work'
