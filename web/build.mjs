// Builds the page's script and style into the crate that includes them.
//   node build.mjs            writes crates/render/src/report/assets/page.{js,css}
//   node build.mjs --compare  builds, and fails when the committed files differ
//   node build.mjs --tests    bundles the unit tests into dist/tests
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = new URL('.', import.meta.url);
const path = (name) => fileURLToPath(new URL(name, here));
const assets = '../crates/render/src/report/assets/';

const common = { bundle: true, target: 'es2022', charset: 'utf8', logLevel: 'warning' };

async function page() {
  const script = await build({
    ...common,
    entryPoints: [path('src/main.ts')],
    format: 'iife',
    minify: true,
    legalComments: 'none',
    // uPlot's licence (MIT) asks that its notice stays.
    banner: { js: '/* Spikeflame. Contains uPlot, (c) 2022 Leon Sorokin, MIT licence. */' },
    write: false,
  });
  const style = await build({
    ...common,
    entryPoints: [path('style/page.css')],
    minify: true,
    write: false,
  });
  const files = { 'page.js': script.outputFiles[0].text, 'page.css': style.outputFiles[0].text };
  return { ...files, 'policy.txt': policy(files['page.js'], files['page.css']) };
}

/** Allows only the two files above, by their hash. Nothing else may run or be loaded. */
function policy(script, style) {
  const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'\n`;
}

async function tests() {
  const names = (await readdir(path('test'))).filter((name) => name.endsWith('.test.ts'));
  await build({
    ...common,
    entryPoints: names.map((name) => path(`test/${name}`)),
    format: 'esm',
    platform: 'node',
    outdir: path('dist/tests'),
    sourcemap: 'inline',
  });
}

if (process.argv.includes('--tests')) {
  await tests();
} else {
  const files = await page();
  for (const [name, text] of Object.entries(files)) {
    if (/<\/script|<\/style|<!--/i.test(text)) {
      throw new Error(`${name} holds text that would end its element in the page`);
    }
    const file = path(assets + name);
    if (!process.argv.includes('--compare')) {
      await writeFile(file, text);
      console.log(`${name}: ${text.length} bytes`);
    } else if ((await readFile(file, 'utf8')) !== text) {
      console.error(`${file} is not what web/ builds: run \`npm run build\` in web/ and commit it`);
      process.exitCode = 1;
    }
  }
}
