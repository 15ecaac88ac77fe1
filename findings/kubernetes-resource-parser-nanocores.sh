#!/usr/bin/env bash
# kubernetes-resource-parser reads a CPU of 2500000n, a four-hundredth of a core, as two and a half million cores.
#
# Kubernetes writes quantities with suffixes: n, u and m for billionths, millionths and thousandths, Ki, Mi and Gi for
# powers of 1024, and decimal or exponent forms (`129e6`) of each. The metrics API, which `kubectl top` reads, has the
# CPU of a pod in n. The package knows m, and takes the number before any other letter for cores. It takes the digits
# before a point or an e for bytes: 1.5Gi, a usual limit, is 1 byte, and 129e6 is 129. Nothing is thrown. `100m`,
# `128Mi` and `129M` are right.
#
# Seen with kubernetes-resource-parser 0.1.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare what the pods of a service use with their limits during a load test.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts kubernetes-resource-parser@0.1.0
cat >read.js <<'JS'
const { cpuParser, memoryParser } = require('kubernetes-resource-parser');
const { version } = JSON.parse(require('node:fs').readFileSync('node_modules/kubernetes-resource-parser/package.json', 'utf8'));
// The suffixes of Kubernetes' type Quantity.
const suffixes = { n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };
const truth = (text) => {
  const [, number, suffix] = /^([\d.]+(?:e\d+)?)([numkMG]?i?|Ki)$/.exec(text);
  return Number(number) * suffixes[suffix];
};
const compare = (parse, text) => {
  const row = { is: parse(text), truth: Number(truth(text).toPrecision(12)) };
  console.log(`${parse.name} ${text}: ${row.is}, truth ${row.truth}`);
  return row;
};
console.log(`kubernetes-resource-parser ${version}, node ${process.version}`);
const right = [compare(cpuParser, '100m'), compare(cpuParser, '0.5'), compare(memoryParser, '128Mi'), compare(memoryParser, '129M')];
const cpu = [compare(cpuParser, '2500000n'), compare(cpuParser, '250u')];
const memory = [compare(memoryParser, '1.5Gi'), compare(memoryParser, '129e6')];
const larger = cpu.every((row) => row.is > 1e5 * row.truth);
process.exit(right.every((row) => row.is === row.truth) && larger && memory[0].is === 1 && memory[1].is === 129 ? 0 : 1);
JS
node read.js
