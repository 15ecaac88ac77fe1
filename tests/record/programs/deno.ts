interface Foo { a: number;
  b: string;
}
enum Color { Red,
  Green,
  Blue }
class P { constructor(private readonly z: number, public y: string) {} 
  get(): number { let x = 0; for (let i = 0; i < 3e5; i++) x += i % this.z; return x; } }
function busy(ms: number): number { const t = Date.now(); let s = 0; const p = new P(7, 'k');
  while (Date.now() - t < ms) s += Color.Blue + p.get() + JSON.stringify({ a: [1, 2, 3] }).length; return s; }
setTimeout(() => { busy(200); const t0 = Date.now(); setTimeout(() => { busy(300); setTimeout(() => {}, 400); }, 700); }, 10);
