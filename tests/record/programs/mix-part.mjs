// An ES module: V8 knows its functions by a file:// URL, unlike CommonJS.
export function moduleWork() { let h = 1; for (let i = 0; i < 9000; i++) h = Math.imul(h ^ i, 2654435761); return h; }
export default () => { let h = 2; for (let i = 0; i < 9000; i++) h = Math.imul(h ^ i, 2654435761); return h; };
