class Base { constructor() { this.x = 0; for (let i = 0; i < 2e5; i++) this.x += i; } }
class K extends Base {}
const f = eval('var foo = (n) => { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; }; foo');
const g = new Function('n', 'let s = 0; for (let i = 0; i < n; i++) s += i % 5; return s;');
const t = Date.now(); while (Date.now() - t < 500) { f(1e5); g(1e5); new K(); }
const h = require('fs').createReadStream(__filename); h.on('data', () => { const t = Date.now(); while (Date.now() - t < 50) f(1e4); });
