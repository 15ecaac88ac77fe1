// Makes the npm packages: `node packaging/npm/pack.mjs OUT PLATFORM=BINARY...`, with
// PLATFORM as Node names it (`linux-x64`).
//
// OUT gets a tarball for each platform, and `spikeflame-VERSION.tgz`, which names all
// platforms as optional dependencies: npm installs the one that fits and runs no script.
// With `--bundle` the second tarball holds the platform's package itself, so that it can be
// tried before anything is published.

import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'];

const args = process.argv.slice(2).filter((arg) => arg !== '--bundle');
const bundle = process.argv.includes('--bundle');
const [out, ...given] = args;
if (!out || given.length === 0 || given.some((one) => !one.includes('='))) {
  console.error('usage: pack.mjs [--bundle] OUT PLATFORM=BINARY...');
  process.exit(2);
}
const version = /^version = "(.+)"$/m.exec(readFileSync(join(root, 'Cargo.toml'), 'utf8'))[1];
mkdirSync(out, { recursive: true });
const scratch = mkdtempSync(join(tmpdir(), 'spikeflame-npm-'));

const common = { version, license: 'MIT OR Apache-2.0' };

const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];

function write(folder, manifest, files) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const [from, to, mode] of files) {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    copyFileSync(from, join(folder, to));
    chmodSync(join(folder, to), mode);
  }
}

function pack(folder) {
  const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', resolve(out)], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  console.log(join(out, basename(JSON.parse(printed)[0].filename)));
}

function platformPackage(platform, binary, folder) {
  if (!PLATFORMS.includes(platform)) throw new Error(`${platform} is none of ${PLATFORMS.join(', ')}`);
  const [os, cpu] = platform.split('-');
  const file = os === 'win32' ? 'spikeflame.exe' : 'spikeflame';
  const manifest = {
    name: `@spikeflame/${platform}`,
    ...common,
    description: `The spikeflame program for ${platform}`,
    os: [os],
    cpu: [cpu],
    files: [file, ...LICENCES],
    preferUnplugged: true,
  };
  write(folder, manifest, [[binary, file, 0o755], ...licences]);
}

const licences = LICENCES.map((name) => [join(root, name), name, 0o644]);

try {
  const main = join(scratch, 'spikeflame');
  const manifest = {
    name: 'spikeflame',
    ...common,
    description: 'Flame graphs, load plateaus and comparisons for Node applications under load',
    keywords: ['flamegraph', 'profiler', 'node', 'v8', 'k6', 'cpu'],
    bin: { spikeflame: 'bin/spikeflame.js' },
    files: ['bin', ...LICENCES],
    engines: { node: '>=16' },
    optionalDependencies: Object.fromEntries(PLATFORMS.map((name) => [`@spikeflame/${name}`, version])),
  };
  for (const [platform, binary] of given.map((one) => one.split(/=(.*)/s))) {
    if (bundle) {
      platformPackage(platform, binary, join(main, 'node_modules/@spikeflame', platform));
      manifest.optionalDependencies = { [`@spikeflame/${platform}`]: version };
      manifest.bundleDependencies = [`@spikeflame/${platform}`];
    } else {
      const folder = join(scratch, platform);
      platformPackage(platform, binary, folder);
      pack(folder);
    }
  }
  write(main, manifest, [
    [join(here, 'spikeflame.js'), 'bin/spikeflame.js', 0o755],
    [join(root, 'README.md'), 'README.md', 0o644],
    ...licences,
  ]);
  pack(main);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
