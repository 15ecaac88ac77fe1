#!/usr/bin/env bash
# Makes samples/maps anew: builds its TypeScript program four ways, records each
# build with `node --prof`, and packs what the tests read. Needs npm and zstd,
# and a `spikeflame` for the recordings that are kept as folded stacks.
#
#   tests/record/maps.sh [VERSION]
#
# VERSION   of Node, default 22
# SPIKEFLAME_NODES   where Node versions are kept (default target/nodes)
# SPIKEFLAME         the binary (default: cargo builds it)
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${1:-22}
root=$PWD to=$PWD/samples/maps
nodes=${SPIKEFLAME_NODES:-$root/target/nodes}
node=$nodes/n$version/node_modules/node/bin/node
tools=$root/target/maps-tools
spikeflame=${SPIKEFLAME:-}
if [[ ! $spikeflame ]]; then
  cargo build --quiet
  spikeflame=$root/target/debug/spikeflame
fi
quiet=(--no-audit --no-fund --loglevel=error)
install() { # FOLDER PACKAGES...
  mkdir -p "$1"
  # A package.json of its own keeps npm from climbing to another project.
  echo '{"private":true}' >"$1/package.json"
  npm install --prefix "$1" "${quiet[@]}" "${@:2}" >&2
}
[[ -x $node ]] || install "$nodes/n$version" "node@$version"
[[ -x $tools/node_modules/.bin/webpack ]] ||
  install "$tools" typescript@5.9 esbuild@0.28 terser@5.51 webpack@5.112 webpack-cli@7 ts-loader@9
bin=$tools/node_modules/.bin

# Maps hold relative paths only, so it does not matter where this is built.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$to/src" "$to/tsconfig.json" "$work"
ln -s "$tools/node_modules" "$work/node_modules"
cd "$work"
"$bin/tsc" -p .
"$bin/esbuild" src/main.ts --bundle --platform=node --minify --sourcemap \
  --sources-content=false --outfile=esbuild/main.js --log-level=warning
mkdir terser
for name in hash boards.service main; do
  (cd terser && "$bin/terser" "../dist/$name.js" --compress --mangle --toplevel -o "$name.js" \
    --source-map "content='../dist/$name.js.map',url='$name.js.map'")
done
cat >webpack.config.js <<'JS'
module.exports = {
  mode: 'production', devtool: 'nosources-source-map', target: 'node20', entry: './src/main.ts',
  output: { path: __dirname + '/webpack', filename: 'main.js' },
  resolve: { extensions: ['.ts', '.js'] },
  module: { rules: [{ test: /\.ts$/, use: 'ts-loader' }] },
};
JS
"$bin/webpack" --stats=errors-only

record() { # BUILD -> a log on standard output, without script texts, with made-up paths
  rm -rf log
  mkdir log
  (cd log && "$node" --prof "../$1/main.js")
  grep -ahv '^script-source,' log/*.log | sed -E "s#$work#/srv/maps#g
    s#[^ ,:()]*/n([0-9]+)/node_modules/node/bin/node#/opt/node\1/bin/node#g
    s#/usr/lib/x86_64-linux-gnu/#/opt/lib/#g"
}
record dist | zstd -19 -q -f -o "$to/dist-node$version.log.zst"
for build in esbuild terser webpack; do
  record "$build" | "$spikeflame" fold --quiet - | zstd -19 -q -f -o "$to/$build-node$version.folded.zst"
done
for build in dist esbuild terser webpack; do
  rm -rf "${to:?}/$build"
  cp -r "$build" "$to/$build"
done
du -sbh "$to"
