// Ways by which a builtin calls a function. `a_WAY` has it call functions `callee`, which call nothing.
'use strict';

let made = 0;

/** Returns 20 functions `callee` with this text: so many that V8 does not inline them. */
function many(text) {
  const make = (_, index) => {
    const name = `callee${(made += 1)}`;
    return new Function(`return function ${name}(x, y) { ${text.replace('I', index)} }`)();
  };
  return Array.from({ length: 20 }, make);
}

const of = (text, wrap) => many(text).map(wrap ?? ((b) => b));
const iterable = (b) => ({ *[Symbol.iterator]() { yield b(1, 2); } });
const lists = {
  new: of('this.x = x + I;'),
  iterate: of('return x + I;', iterable),
  value: of('return I;', (valueOf) => ({ valueOf })),
  text: of('return "I";', (toString) => ({ toString })),
  proxy: of('return x + I;', (b) => new Proxy(b, {})),
  trap: of('return x + I;', (get) => new Proxy({}, { get: () => get(1, 2) })),
  instance: of('return x === I;', (b) => ({ [Symbol.hasInstance]: b })),
  sort: of('return x - y;'),
};

const callers = [
  function a_new(i) { return new lists.new[i % 20](i, 2).x; },
  function a_iterate(i) { return [...lists.iterate[i % 20]].length; },
  function a_value(i) { return lists.value[i % 20] + i; },
  function a_text(i) { return `${lists.text[i % 20]}`.length; },
  function a_proxy(i) { return lists.proxy[i % 20](i, 2); },
  function a_trap(i) { return lists.trap[i % 20].x; },
  function a_instance(i) { return i instanceof lists.instance[i % 20] ? 1 : 0; },
  function a_sort(i) { return [3, 1, 2].sort(lists.sort[i % 20])[0]; },
  function a_fresh(i) { const callee = function callee(x) { return x + i; }; return callee(3); },
];

function drive(caller, times) {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += caller(i);
  return sum;
}

let sum = 0;
const end = Date.now() + 1200;
while (Date.now() < end) for (const caller of callers) sum += drive(caller, 1000);
process.stdout.write(sum > 0 ? '' : 'nothing\n');
