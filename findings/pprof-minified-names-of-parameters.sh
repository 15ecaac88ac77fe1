#!/usr/bin/env bash
# `pprof` and @datadog/pprof name functions of a minified service after their first parameter.
#
# With a `SourceMapper` both look up the place at which V8 says that a function begins, and take the name that the
# source map has there. V8 says the place of the parameters: the bracket before them, or the parameter itself
# where an arrow function has no brackets. Minifiers leave these out. So `const total = duration => ...` is the
# function `duration` in both packages. `pprof`, Google's package, also looks one column too far, behind the
# bracket, and there all functions have the name of their first parameter: handlers of routes become one function
# `request`. Here four functions work for 0.5 s each. The lines are right, and without minifying all names are
# right.
#
# Seen with pprof 5.0.0, @datadog/pprof 5.20.0, esbuild 0.25.0 on Node 20.20.2. Exit code 0: still so. 1: it
# changed. Users meet it with bundled services. @google-cloud/profiler records with pprof, dd-trace with the other
# one.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @datadog/pprof@5.20.0 pprof@5.0.0 esbuild@0.25.0
work='{ let sum = 0; for (const end = Date.now() + MS; Date.now() < end;) for (let at = 0; at < 1000; at++) sum += Math.sqrt(sum + at); return sum; }'
cat >routes.js <<JS
export const total = (duration) => ${work/MS/duration};
export function users(request) ${work/MS/request}
export function orders(request) ${work/MS/request}
export class Report { render(options) ${work/MS/options} }
JS
for minify in '' --minify; do
  node_modules/.bin/esbuild routes.js --bundle --platform=node --sourcemap $minify --outfile="bundle$minify/routes.js" --log-level=error
done
cat >profile.js <<'JS'
const [, , name, folder] = process.argv;
(async () => {
  const { time, SourceMapper } = require(name);
  const sourceMapper = await SourceMapper.create(name === 'pprof' ? ['.'] : [process.cwd()]);
  const { total, users, orders, Report } = require(`./${folder}/routes.js`);
  const stop = name === 'pprof' ? time.start(5000, undefined, sourceMapper) : time.start({ intervalMicros: 5000, durationMillis: 4000, sourceMapper });
  total(500);
  users(500);
  orders(500);
  new Report().render(500);
  const profile = stop ? stop() : time.stop();
  const text = (index) => (profile.stringTable.strings ?? profile.stringTable)[Number(index)];
  const functions = new Map(profile.function.map((one) => [Number(one.id), one]));
  const places = new Map(profile.location.map(({ id, line }) => [Number(id), line[0]]));
  const names = {};
  for (const { locationId } of profile.sample) {
    const { functionId, line } = places.get(Number(locationId[0]));
    const made = functions.get(Number(functionId));
    if (text(made.filename).endsWith('/routes.js')) names[Number(line)] = text(made.name);
  }
  const truth = ['total', 'users', 'orders', 'render'];
  const found = truth.map((_, at) => names[at + 1]);
  console.log(`${name}, ${folder}: ${truth.map((one, at) => (one === found[at] ? one : `${one} as ${found[at]}`)).join(', ')}`);
  const minified = name === 'pprof' ? ['duration', 'request', 'request', 'options'] : ['duration', 'users', 'orders', 'render'];
  const expected = folder.endsWith('minify') ? minified : truth;
  // A busy machine may take no sample of a function.
  const sampled = found.filter((one) => one !== undefined).length;
  process.exit(sampled >= 3 && found.every((one, at) => one === undefined || one === expected[at]) ? 0 : 1);
})();
JS
echo "pprof $(node -p "require('./node_modules/pprof/package.json').version"), @datadog/pprof $(node -p "require('./node_modules/@datadog/pprof/package.json').version"), node $(node --version)"
for name in pprof @datadog/pprof; do
  for folder in bundle bundle--minify; do node profile.js "$name" "$folder"; done
done
