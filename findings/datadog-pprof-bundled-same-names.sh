#!/usr/bin/env bash
# @datadog/pprof shows functions of one name in two source files of a bundle as one function of one file.
#
# With a `SourceMapper` the package replaces the places in a bundle by those in its sources. A function of the
# profile is kept under its script and its name, and the script of all of them is the bundle. So each further
# `handler` or `get` of the service is the first one that was met, with the file of the first one. Here `handler`
# of users.js works for 0.3 s and that of orders.js for 1.2 s. The profile has one function `handler` for all of
# it, in one of the two files; the other file is nowhere. Without the bundle there are two. `pprof` 5.0.0,
# Google's package, has the same. @pyroscope/nodejs, dd-trace and @platformatic/flame record with @datadog/pprof.
#
# Seen with @datadog/pprof 5.20.0, pprof 5.0.0, esbuild 0.25.0 on Node 20.20.2. Exit code 0: still so. 1: it
# changed. Users meet it in bundled services with one file per route: time is charged to a file that did not use
# it.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @datadog/pprof@5.20.0 pprof@5.0.0 esbuild@0.25.0
for name in users:300 orders:1200; do
  cat >"${name%:*}.js" <<JS
exports.handler = function handler() {
  let sum = 0;
  for (const end = Date.now() + ${name#*:}; Date.now() < end;) for (let at = 0; at < 1000; at++) sum += Math.sqrt(sum + at);
  return sum;
};
JS
done
echo "exports.routes = [require('./users.js'), require('./orders.js')];" >service.js
node_modules/.bin/esbuild service.js --bundle --platform=node --sourcemap --outfile=service.bundle.js --log-level=error
cat >profile.js <<'JS'
const { basename } = require('node:path');
function rows(profile) {
  const text = (index) => (profile.stringTable.strings ?? profile.stringTable)[Number(index)];
  const functions = new Map(profile.function.map((one) => [Number(one.id), one]));
  const places = new Map(profile.location.map(({ id, line }) => [Number(id), functions.get(Number(line[0].functionId))]));
  const sums = {};
  for (const { locationId, value } of profile.sample) {
    const { name, filename } = places.get(Number(locationId[0]));
    if (text(name) !== 'handler') continue;
    const file = basename(text(filename));
    sums[file] = (sums[file] ?? 0) + Number(value[0]);
  }
  return Object.entries(sums).sort((a, b) => a[1] - b[1]);
}
(async () => {
  let holds = true;
  const [, , name] = process.argv;
  {
    const { time, SourceMapper } = require(name);
    for (const bundled of [false, true]) {
      const { routes } = require(bundled ? './service.bundle.js' : './service.js');
      const sourceMapper = bundled ? await SourceMapper.create(['.']) : undefined;
      let profile;
      if (name === 'pprof') {
        const stop = time.start(5000, undefined, sourceMapper);
        for (const { handler } of routes) handler();
        profile = stop();
      } else {
        time.start({ intervalMicros: 5000, durationMillis: 3000, sourceMapper });
        for (const { handler } of routes) handler();
        profile = time.stop();
      }
      const found = rows(profile);
      const all = found.reduce((sum, [, samples]) => sum + samples, 0);
      console.log(`${name}, ${bundled ? 'bundled' : 'not bundled'}: ${found.map(([file, samples]) => `handler of ${file} ${((100 * samples) / all).toFixed(0)} %`).join(', ')}`);
      holds &&= bundled ? found.length === 1 && /^(users|orders)\.js$/.test(found[0][0]) : found.length === 2 && found[0][0] === 'users.js' && found[0][1] < 0.45 * all;
    }
  }
  process.exit(holds ? 0 : 1);
})();
JS
echo "@datadog/pprof $(node -p "require('./node_modules/@datadog/pprof/package.json').version"), pprof $(node -p "require('./node_modules/pprof/package.json').version"), node $(node --version)"
node profile.js @datadog/pprof
node profile.js pprof
