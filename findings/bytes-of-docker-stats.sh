#!/usr/bin/env bash
# npm's bytes reads the 312.4MiB of `docker stats` as 312 bytes.
#
# `bytes.parse` takes the units kb, mb, gb, tb and pb, in powers of 1024. Docker prints memory as KiB, MiB and GiB, and
# Kubernetes as Ki, Mi and Gi, which mean the same powers. The package does not know these names. It then
# takes the whole number at the start of the text for bytes. Its documentation has "Return null upon error", and a
# text that begins with a letter is null. So 1.5GiB is 1 byte, and a container that grows from 900MiB to 1.2GiB
# shrinks from 900 to 1.
#
# Seen with bytes 3.1.2 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they draw the memory of a Node service from `docker stats` or `kubectl top`.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts bytes@3.1.2
cat >read.js <<'JS'
const bytes = require('bytes');
const { version } = require('bytes/package.json');
const powers = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
// By IEC 80000-13, KiB, MiB and GiB are powers of 1024. Kubernetes leaves out the B.
const truth = (text) => {
  const [, number, prefix] = /^([\d.]+)([KMG])iB?$/.exec(text);
  return Math.floor(Number(number) * powers[prefix]);
};
console.log(`bytes ${version}, node ${process.version}`);
const wrong = ['312.4MiB', '900MiB', '1.2GiB', '128Mi', '64KiB'].map((text) => {
  console.log(`${text}: bytes ${bytes.parse(text)}, truth ${truth(text)}`);
  return bytes.parse(text) === parseInt(text, 10) && truth(text) > 60000;
});
const known = bytes.parse('312.4MB') === truth('312.4MiB');
console.log(`312.4MB: bytes ${bytes.parse('312.4MB')}; MiB: ${bytes.parse('MiB')}`);
process.exit(wrong.every(Boolean) && known && bytes.parse('MiB') === null ? 0 : 1);
JS
node read.js
