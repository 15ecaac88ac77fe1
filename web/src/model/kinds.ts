/** The words of `Kind::ALL` and `Category::ALL` in their order. The columns hold indices of them. */
export const KINDS = [
  'js', 'builtin', 'bytecode-handler', 'regexp', 'wasm', 'native', 'kernel', 'gc', 'compiler',
  'idle', 'program', 'hidden', 'unresolved', 'error',
] as const;
export type Kind = (typeof KINDS)[number];

export const CATEGORIES = [
  'app', 'dependency', 'node core', 'wasm', 'builtin', 'native', 'kernel', 'gc', 'compiler', 'idle',
  'unresolved', 'error',
] as const;
export type Category = (typeof CATEGORIES)[number];

export const TIER_MARKS = ['', '~', '^', '+', '*'] as const;
export const TIER_WORDS = ['', 'interpreted', 'baseline', 'maglev', 'optimized'] as const;

export const kindOf = (word: Kind): number => KINDS.indexOf(word);
export const categoryOf = (word: Category): number => CATEGORIES.indexOf(word);

/** Words for people. */
export const CATEGORY_WORDS: Record<Category, string> = {
  app: 'own code',
  dependency: 'dependencies',
  'node core': 'Node’s JavaScript',
  wasm: 'WebAssembly',
  builtin: 'V8 builtins',
  native: 'native code',
  kernel: 'kernel',
  gc: 'garbage collection',
  compiler: 'compiler',
  idle: 'idle',
  unresolved: 'unresolved',
  error: 'errors',
};
