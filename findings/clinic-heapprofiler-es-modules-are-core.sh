#!/usr/bin/env bash
# clinic heapprofiler shows the functions of a service that is written in ES modules as functions of Node itself.
#
# The page has areas for the application, its dependencies, Node core and V8, by which a user filters and colours. The
# package takes a file for one of Node's own when its name is not an absolute path. V8 names the file of a CommonJS module
# by its path, `/srv/service.js`, and that of an ES module by its address, `file:///srv/service.mjs`, which is no
# absolute path. So all functions of ES modules are `core`, those of packages in node_modules too: the
# areas "application" and "dependencies" are empty, and hiding Node core hides the service. Here 10 MB that a service keeps
# belong to the application when the file ends in .js, and to Node core when the same text ends in .mjs.
#
# Seen with @clinic/heap-profiler 5.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for what fills the memory of a service with `"type": "module"`.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @clinic/heap-profiler@5.0.0
mkdir node_modules/formatter
echo '{ "name": "formatter", "main": "index.js", "exports": { "import": "./index.mjs", "require": "./index.js" } }' >node_modules/formatter/package.json
format='function format(user) { return Array.from({ length: 50 }, (_, at) => `${user}-${at}`); }'
echo "exports.format = $format;" >node_modules/formatter/index.js
echo "export $format" >node_modules/formatter/index.mjs
service='
globalThis.sessions = [];
// V8 forgets the file of a function that nobody can call any more.
globalThis.service = (user) => openSession(user);
const openSession = (user) => ({ user, words: format(user), rights: new Array(100).fill(user) });
// Sampling has begun by then.
setTimeout(() => { for (let user = 0; user < 5000; user++) sessions.push(openSession(user)); }, 500);'
echo "const { format } = require('formatter');$service" >service.js
echo "import { format } from 'formatter';$service" >service.mjs
cat >profile.js <<'JS'
const ClinicHeapProfiler = require('@clinic/heap-profiler');
const { analyse } = require('@clinic/heap-profiler/src/analysis');
const { version } = require('@clinic/heap-profiler/package.json');
const profile = (file) => new Promise((resolve, reject) => {
  const profiler = new ClinicHeapProfiler({ dest: `${__dirname}/.clinic` });
  profiler.collect([process.execPath, file], (error, path) => {
    if (error) return reject(error);
    // The package makes its page of what this function returns.
    analyse(path, (failed, page) => {
      if (failed) return reject(failed);
      const areas = { app: 0, deps: 0, core: 0 };
      const functions = new Map();
      const visit = (node) => {
        if (!node.isRoot) areas[node.category] = (areas[node.category] ?? 0) + node.selfValue;
        if (node.selfValue > 1e5 && /openSession|format/.test(node.functionName)) functions.set(node.functionName, `${node.category}:${node.type}`);
        node.children.forEach(visit);
      };
      visit(page.data);
      resolve({ areas, functions });
    });
  });
});
(async () => {
  console.log(`@clinic/heap-profiler ${version}, node ${process.version}`);
  const seen = {};
  for (const file of ['service.js', 'service.mjs']) {
    const { areas, functions } = await profile(file);
    seen[file] = areas;
    const bytes = Object.entries(areas).map(([area, size]) => `${area} ${(size / 1e6).toFixed(1)} MB`).join(', ');
    console.log(`${file}: ${bytes}; ${[...functions].map(([name, area]) => `${name} is ${area}`).join(', ')}`);
  }
  const common = seen['service.js'];
  const modules = seen['service.mjs'];
  process.exit(common.app > 1e6 && common.deps > 1e6 && common.core < 1e6 && modules.app === 0 && modules.deps === 0 && modules.core > 2e6 ? 0 : 1);
})();
JS
node profile.js
