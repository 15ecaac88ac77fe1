// Classes with methods of one name in one file, as minifiers make them; recorded by pprof.sh.
const out = [];
class A { pe() { let x = 0; for (let i = 0; i < 3e6; i++) x += Math.sqrt(i); return x; } Z() { return this.pe() + 1; } }
class B { pe() { let x = 0; for (let i = 0; i < 1e6; i++) x += Math.sqrt(i); return x; } Z() { return this.pe() + 2; } }
class C { pe() { let x = 0; for (let i = 0; i < 2e6; i++) x += Math.log1p(i); return x; } Z() { return this.pe() + 2; } }
const all = [new A(), new B(), new C()];
module.exports = () => { const t = Date.now(); while (Date.now() - t < 800) for (const o of all) o.Z(); };

if (require.main === module) {
  const [lib, out, how] = process.argv.slice(2);
  const pprof = require(lib);
  pprof.time.start({ intervalMicros: 1000, durationMillis: 20000, lineNumbers: how === 'line', withContexts: false });
  module.exports();
  require('fs').writeFileSync(out, pprof.encodeSync(pprof.time.stop()));
}
