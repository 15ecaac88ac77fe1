import { button, byInput, clean, fill, h, term } from '../../dom';
import { amount, count, duration, nanoseconds, percent, relative, trim, unrounded } from '../../format';
import { costsOf } from '../../model/change';
import { totalTiers, type Cut } from '../../model/cut';
import { CATEGORY_WORDS, type Category } from '../../model/kinds';
import { linesOf } from '../../model/lines';
import type { Picture } from '../../model/picture';
import { calleesOf, callersOf } from '../../model/sandwich';
import { MOST_IN_ORDER, inOrder } from '../../model/time-order';
import { editorLink, nameOf, placeOf, sourceOf } from '../../names';
import type { RunData } from '../../session';
import { exactly, pattern, type State, type View } from '../../state';
import { Choice, field, press, toggle } from '../controls';
import { Menu } from '../menu';
import { Tooltip, factList, type Fact } from '../tooltip';
import { boxColor, changeColor, css, meaning } from './colors';
import { Legend } from './legend';
import { linesTable } from './lines';
import { Pane, type Look } from './pane';
import { mainTiers, tierMix } from './tiers';

export interface FlameHost {
  /** Changes of one `series` that follow each other are one choice. */
  change(patch: Partial<State>, series?: string): void;
  announce(text: string): void;
}

/** The data from which the view is drawn. */
export interface Drawn {
  run: RunData;
  state: State;
  cut: Cut;
  change: Picture | null;
  /** What the widths of that picture are. */
  changeNote: string;
  /** Labels of functions that have another label in that picture, with that one. */
  moved: ReadonlyMap<string, string>;
}

const SWITCHES: readonly (readonly [string, readonly Category[]])[] = [
  ['own code', ['app']],
  ['dependencies', ['dependency']],
  ['Node', ['node core']],
  ['V8', ['builtin', 'gc', 'compiler']],
  ['native', ['native', 'kernel', 'unresolved']],
];

/** The least share of the width that a function has which the table or a key shows in the graph. */
const LEAST_SHARE = 0.02;

/** The flame graph with its search, switches, legend and facts. */
export class FlameView {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  readonly pane: Pane;
  private readonly upper: Pane;
  private readonly tooltip = new Tooltip();
  private readonly menu = new Menu();
  private readonly matches = h('output', { class: 'matches', 'aria-live': 'polite' });
  private readonly legend = new Legend();
  private readonly facts = h('div', { class: 'facts', 'aria-live': 'polite' });
  private readonly crumbs = h('div', { class: 'crumbs' });
  private readonly note = h('p', { class: 'note', hidden: true });
  private readonly back: HTMLButtonElement;
  private readonly views: Choice<View>;
  private readonly direction: Choice<'down' | 'up'>;
  private readonly tiers: Choice<'merged' | 'split'>;
  private readonly inlined: Choice<'shown' | 'folded'>;
  private readonly colors: Choice<State['color']>;
  private readonly switches: HTMLButtonElement[];
  private readonly ownFirst: HTMLButtonElement;
  private drawn: Drawn | null = null;
  private picture: Picture | null = null;
  private tierOf: Uint8Array = new Uint8Array(0);
  private key = '';
  private labels: { entries: Picture['entries']; ids: Map<string, number> } | null = null;
  private hits: { entries: Picture['entries']; search: string; found: Uint8Array | null } | null = null;
  private chipsKey = '';
  private palette: { entries: Picture['entries']; by: State['color']; colors: (string | undefined)[] } | null = null;

  constructor(
    private readonly host: FlameHost,
    hasChange: boolean,
    private readonly noun: string,
  ) {
    const events = (pane: () => Pane) => ({
      hover: (node: number, x: number, y: number) => this.hover(pane(), node, x, y),
      pick: (node: number) => this.pick(pane(), node),
      menu: (node: number, x: number, y: number) => this.openMenu(pane(), node, x, y),
      drawn: () => this.afterDraw(),
    });
    this.pane = new Pane(
      'Flame graph. Arrow keys move between boxes, Enter zooms, m opens a menu, Escape goes back.',
      events(() => this.pane),
    );
    this.upper = new Pane('Callers. Arrow keys move between boxes.', events(() => this.upper));
    this.upper.element.classList.add('callers');
    const change = (patch: Partial<State>) => this.host.change(patch);
    this.views = new Choice<View>('View', [
      ['calls', 'Calls', 'Callers on one side, what they call on the other'],
      ['sandwich', 'Sandwich', 'Who calls the picked function above, what it calls below'],
      ['time', 'Time order', 'Samples from left to right as they were taken'],
      ...(hasChange ? ([['change', 'Before / after', 'Both sides in one graph']] as const) : []),
    ], (view) => change({ view }));
    this.direction = new Choice('Direction', [['down', 'Icicle'], ['up', 'Flames']] as const, (way) =>
      change({ icicle: way === 'down' }));
    this.tiers = new Choice('Tiers', [['merged', 'Tiers merged'], ['split', 'split']] as const, (how) =>
      change({ split: how === 'split' }));
    this.inlined = new Choice('Inlined functions', [['shown', 'Inlined shown'], ['folded', 'folded']] as const, (how) =>
      change({ collapse: how === 'folded' }));
    this.colors = new Choice('Colours', [['category', 'By category'], ['package', 'package'], ['tier', 'tier']] as const,
      (color) => change({ color }));
    this.switches = SWITCHES.map(([word, categories]) =>
      toggle(word, `Show frames of ${word}, or count them to their callers`, (on) => this.switchTo(categories, on)));
    const box = field('Search', { placeholder: 'name, file or regular expression', type: 'search' }, (search) =>
      this.host.change({ search }, 'search'));
    this.search = box.input;
    this.search.id = 'search';
    this.ownFirst = button('Start at your code', { 'aria-pressed': 'false', title: 'Leaves out the routers, middleware ' +
      'and Node code that lead to your own code (o). Samples without your own code stay as they are' },
    () => change({ ownFirst: this.ownFirst.getAttribute('aria-pressed') !== 'true' }));
    this.back = button('Back to the whole', { class: 'back' }, () => this.goBack());
    const bar = h('div', { class: 'bar' }, box.element, this.matches,
      button('Next hottest', { title: 'Picks the next function by self time (n)' }, () => this.nextHottest()),
      this.ownFirst,
      this.back);
    const options = h('div', { class: 'bar' }, this.views.element, this.direction.element,
      this.tiers.element, this.inlined.element, this.colors.element,
      h('div', { class: 'switches', role: 'group', 'aria-label': 'Frames shown' }, ...this.switches));
    this.element = h('section', { class: 'panel flame', 'aria-labelledby': 'flame-title', id: 'flame' },
      h('h2', { id: 'flame-title' }, term('Flame graph', `Each box is a function. Its width is the share of ${noun} in which ` +
        'the function ran, or something that it called. The boxes of what it called stand next to it, one row further from “all”. ' +
        'Boxes of one row are sorted by name: from left to right is not the order of time, but in the view “Time order”.')),
      bar, options, this.crumbs, this.note, this.upper.element, this.pane.element, this.legend.element, this.facts);
    document.body.append(this.tooltip.element, this.menu.element);
  }

  /** Draws the state. */
  show(drawn: Drawn): void {
    this.drawn = drawn;
    const { state } = drawn;
    const picture = this.pictureOf(drawn);
    const key = [state.run, state.by, state.split, state.collapse, state.hide, [...state.without].join(), state.ownFirst, state.view,
      state.view === 'sandwich' || state.view === 'time' ? state.picked : '',
      state.view === 'time' ? JSON.stringify(state.window) : ''].join('\n');
    const keep = key === this.key && this.pane.zoomedIn;
    this.key = key;
    this.picture = picture;
    this.tierOf = state.color === 'tier' ? mainTiers(drawn.run.profile, drawn.cut) : new Uint8Array(0);
    this.controls(state);
    const shown = picture !== null;
    this.pane.element.hidden = !shown;
    const sandwich = shown && state.view === 'sandwich';
    this.upper.element.hidden = !sandwich;
    if (picture) {
      const range = keep ? this.pane.zoomedIn : false;
      this.pane.show(picture, this.look(picture, sandwich ? 1 : 0), !state.icicle && !sandwich, range);
    }
    if (sandwich) {
      const callers = callersOf(drawn.cut, this.entryOf(state.picked));
      this.upper.show(callers, this.look(callers, 2), true, false);
    }
    this.chipsOf(state);
    this.found();
    this.afterDraw();
  }

  private pictureOf({ run, state, cut, change, changeNote }: Drawn): Picture | null {
    this.note.hidden = true;
    const say = (text: string) => {
      this.note.textContent = text;
      this.note.hidden = false;
      return null;
    };
    if (run.alone !== '') say(`Of ${clean(run.alone)} alone. “Before / after” shows all runs.`);
    if (cut.sum === 0 && state.view !== 'change') {
      return say('Nothing is left. Choose a longer window, or remove a filter above.');
    }
    if (state.view === 'change') {
      say(change ? changeNote : 'This page compares nothing.');
      return change;
    }
    if (state.view === 'sandwich') {
      const entry = this.entryOf(state.picked);
      if (entry < 0) return say('Pick a function in the table or in the graph: its callers and callees are shown here.');
      return calleesOf(cut, entry);
    }
    if (state.view === 'time') {
      const picture = run.head.timed
        ? inOrder(run.profile, cut.shape, run.keep(state), run.window(state.window), run.main)
        : null;
      if (picture) return picture;
      return say(run.head.timed
        ? `Time order needs a short window: drag one of at most ${count(MOST_IN_ORDER)} ${this.noun} on the timeline.`
        : `The ${this.noun} of this recording carry no times.`);
    }
    return {
      entries: cut.shape.entries, nodes: cut.shape.nodes, self: cut.nodeSelf, total: cut.nodeTotal,
      start: cut.nodeStart, sum: cut.sum, kind: 'calls',
    };
  }

  /** The entry with a label; -1 for none. */
  entryOf(label: string): number {
    return label === '' || !this.drawn ? -1 : this.idOf(this.drawn.cut.shape.entries, label);
  }

  private idOf(entries: Picture['entries'], label: string): number {
    if (label === '') return -1;
    if (this.labels?.entries !== entries) {
      this.labels = { entries, ids: new Map(entries.map((entry, id) => [entry.label, id])) };
    }
    return this.labels.ids.get(label) ?? -1;
  }

  /** The entries that the search matches, as 1; null without a search. */
  private hitsOf(entries: Picture['entries'], search: string): Uint8Array | null {
    if (this.hits?.entries !== entries || this.hits.search !== search) {
      const { regex } = pattern(search);
      const found = regex && Uint8Array.from(entries, (entry) => (regex.test(entry.label) ? 1 : 0));
      this.hits = { entries, search, found };
    }
    return this.hits.found;
  }

  private look(picture: Picture, skip = 0): Look {
    const { state, run } = this.drawn!;
    const found = this.hitsOf(picture.entries, state.search);
    const colors = this.colorsOf(picture, state);
    const { change } = picture;
    const color = (node: number) => {
      const entry = picture.nodes.entry[node]!;
      if (change) {
        const [before, after] = [change.before[node]!, change.after[node]!];
        return css(changeColor((after - before) / picture.sum));
      }
      return entry < 0 ? 'rgb(226,229,234)' : colors(entry);
    };
    return { color, found, picked: this.idOf(picture.entries, state.picked), root: run.head.root, skip, dimInk: mutedInk() };
  }

  /** Colours of the entries. Each is computed when it is first drawn, and again when the entries or the meaning change. */
  private colorsOf(picture: Picture, state: State): (entry: number) => string {
    const known = this.palette;
    if (!known || known.entries !== picture.entries || known.by !== state.color || state.color === 'tier') {
      this.palette = { entries: picture.entries, by: state.color, colors: [] };
    }
    const { entries, by, colors } = this.palette!;
    return (id) => (colors[id] ??= boxColor(meaning(entries[id]!, by, this.tierOf[id] ?? 0).rgb, entries[id]!.label));
  }

  private controls(state: State): void {
    this.views.set(state.view);
    this.direction.set(state.icicle ? 'down' : 'up');
    this.tiers.set(state.split ? 'split' : 'merged');
    this.inlined.set(state.collapse ? 'folded' : 'shown');
    this.colors.set(state.color);
    this.switches.forEach((made, at) => press(made, !SWITCHES[at]![1].some((one) => state.without.has(one))));
    press(this.ownFirst, state.ownFirst);
    this.ownFirst.hidden = this.drawn!.run.owners === null;
    if (this.search.value !== state.search) this.search.value = state.search;
  }

  /** Writes the chips of the filters, when one has changed. */
  private chipsOf(state: State): void {
    const key = JSON.stringify([state.focus, state.ignore, state.hide, state.picked]);
    if (key === this.chipsKey) return;
    this.chipsKey = key;
    this.crumbs.replaceChildren(...this.chips(state));
  }

  private chips(state: State): HTMLElement[] {
    const chip = (word: string, value: string, patch: Partial<State>) => {
      const made = button('×', { 'aria-label': `Remove ${word} ${value}` }, () => this.host.change(patch));
      return h('span', { class: 'chip' }, `${word}: `, h('code', {}, clean(value)), made);
    };
    const readable = (text: string) => text.replace(/^\^|\$$/g, '').replace(/\\(.)/g, '$1');
    return [
      state.focus ? chip('only stacks through', readable(state.focus), { focus: '' }) : null,
      state.ignore ? chip('no stacks through', readable(state.ignore), { ignore: '' }) : null,
      state.hide ? chip('taken out', readable(state.hide), { hide: '' }) : null,
      state.picked ? chip('picked', state.picked, { picked: '' }) : null,
    ].filter((made): made is HTMLElement => made !== null);
  }

  private switchTo(categories: readonly Category[], on: boolean): void {
    const without = new Set(this.drawn!.state.without);
    for (const category of categories) {
      if (on) without.delete(category);
      else without.add(category);
    }
    this.host.change({ without });
  }

  /** Shows the share of samples that the search found. */
  private found(): void {
    const { state, cut } = this.drawn!;
    const { regex, error } = pattern(state.search);
    this.search.setAttribute('aria-invalid', String(error !== ''));
    if (error !== '') this.matches.textContent = `not a regular expression: ${error}`;
    else if (!regex) this.matches.textContent = '';
    else if (this.picture?.change) this.matches.textContent = this.foundOfBoth(this.picture, state.search);
    else {
      const hits = this.hitsOf(cut.shape.entries, state.search)!;
      const share = (weights: Float64Array) => sumOfHits(cut.shape.nodes, hits, weights);
      const kinds = hits.reduce((n, hit, id) => n + (hit === 1 && cut.entryTotal[id]! > 0 ? 1 : 0), 0);
      this.matches.textContent = kinds === 0
        ? 'nothing matches'
        : `${percent(share(cut.nodeTotal), cut.sum)} in ${count(kinds)} match${kinds === 1 ? '' : 'es'}`;
    }
  }

  /** The share of each side that the search found, in per cent of the cost before. */
  private foundOfBoth(picture: Picture, search: string): string {
    const hits = this.hitsOf(picture.entries, search)!;
    const { before, after } = picture.change!;
    const kinds = hits.reduce((n, hit) => n + hit, 0);
    if (kinds === 0) return 'nothing matches';
    const share = (weights: Float64Array) => percent(sumOfHits(picture.nodes, hits, weights), before[0]!);
    return `${share(before)} before, ${share(after)} after, in ${count(kinds)} match${kinds === 1 ? '' : 'es'}`;
  }

  private afterDraw(): void {
    const { state } = this.drawn ?? {};
    if (!state) return;
    this.back.disabled = !(this.pane.zoomedIn || this.upper.zoomedIn || state.view === 'sandwich' || state.focus || state.hide || state.picked);
    if (this.picture) this.legend.show(this.picture, this.pane.onScreen(), state.color, this.tierOf);
    else this.legend.clear();
  }

  private goBack(): void {
    const { state } = this.drawn!;
    this.pane.reset();
    this.upper.reset();
    if (state.view === 'sandwich' || state.focus || state.hide || state.picked) {
      this.host.change({ view: state.view === 'sandwich' ? 'calls' : state.view, focus: '', hide: '', picked: '' });
    }
  }

  /** Goes one step back: closes the menu, or else leaves the zoom, the sandwich or the filters. */
  escape(): void {
    if (this.menu.isOpen) this.menu.close(true);
    else this.goBack();
  }

  /** Picks the function with the next most self time. */
  nextHottest(): void {
    const { run, cut, state } = this.drawn!;
    const rows = run.rows(cut).filter((row) => row.self > 0);
    if (rows.length === 0) return;
    const at = rows.findIndex((row) => cut.shape.entries[row.entry]!.label === state.picked);
    const row = rows[(at + 1) % rows.length]!;
    const entry = cut.shape.entries[row.entry]!;
    this.host.change({ picked: entry.label, view: state.view === 'sandwich' ? 'sandwich' : 'calls' });
    this.host.announce(`${((at + 1) % rows.length) + 1} of ${rows.length}: ${clean(nameOf(entry))}, self ${percent(row.self, cut.sum)}`);
    this.reveal(row.entry);
  }

  /** Shows the widest box of an entry, with as many of its callers as leave it wide enough to be seen. */
  reveal(entry: number): void {
    const { cut, state } = this.drawn!;
    if (state.view !== 'calls') return;
    const { nodes } = cut.shape;
    let best = -1;
    for (let i = 1; i < nodes.count; i++) {
      if (nodes.entry[i] === entry && (best < 0 || cut.nodeTotal[i]! > cut.nodeTotal[best]!)) best = i;
    }
    if (best < 0) return;
    let shown = best;
    while (shown > 0 && cut.nodeTotal[nodes.parent[shown]!]! * LEAST_SHARE <= cut.nodeTotal[best]!) shown = nodes.parent[shown]!;
    this.pane.zoomTo(shown);
    this.pane.moveTo(best);
  }

  private pick(pane: Pane, node: number): void {
    const picture = this.pictureIn(pane);
    const entry = picture?.nodes.entry[node] ?? -1;
    this.host.change({ picked: entry < 0 ? '' : picture!.entries[entry]!.label });
  }

  private pictureIn(pane: Pane): Picture | null {
    if (pane === this.pane) return this.picture;
    return this.drawn ? callersOf(this.drawn.cut, this.entryOf(this.drawn.state.picked)) : null;
  }

  private hover(pane: Pane, node: number, x: number, y: number): void {
    const picture = pane === this.pane ? this.picture : null;
    if (node < 0 || !this.drawn || (!picture && pane === this.pane)) {
      this.tooltip.hide();
      return;
    }
    const shown = picture ?? this.pictureIn(pane)!;
    const [title, facts] = this.factsOf(shown, node);
    if (x >= 0) this.tooltip.show(title, facts, x, y);
    else {
      this.tooltip.hide();
      fill(this.facts, h('strong', {}, title), factList(facts));
    }
  }

  private factsOf(picture: Picture, node: number): [string, Fact[]] {
    const { run, cut, state } = this.drawn!;
    const { unit } = run.head;
    const weigh = (value: number) => `${amount(value, unit)} · ${percent(value, cut.sum)} of the window`;
    const id = picture.nodes.entry[node]!;
    if (picture.change) return this.changeFacts(picture, node);
    if (id < 0) return ['all', [['total', weigh(picture.total[node]!)]]];
    const entry = picture.entries[id]!;
    const facts: Fact[] = [];
    if (entry.file) facts.push(['file', clean(sourceOf(entry))]);
    facts.push(['kind', entry.package ? `dependency ${clean(entry.package)}` : CATEGORY_WORDS[entry.category]]);
    if (picture.times) facts.push(['when', momentsOf(run, picture.times.first[node]!, picture.times.last[node]!)]);
    facts.push(['self', weigh(picture.self[node]!)]);
    facts.push(['total', weigh(picture.total[node]!)]);
    facts.push(['everywhere', `${weigh(cut.entryTotal[id]!)}`]);
    const whole = run.whole(state);
    facts.push(['whole run', `${percent(whole.entryTotal[id] ?? 0, whole.sum)} of all ${this.noun}`]);
    const per = run.perWeight();
    if (per !== null && nanoseconds(unit) === null) facts.push(['time', `about ${duration(picture.total[node]! * per)}`]);
    const mix = tierMix(totalTiers(run.profile, cut).subarray(id * 5, id * 5 + 5));
    if (mix) facts.push(['tiers', mix]);
    return [clean(nameOf(entry)), facts];
  }

  private changeFacts(picture: Picture, node: number): [string, Fact[]] {
    const { before, after } = picture.change!;
    const id = picture.nodes.entry[node]!;
    const [a, b] = [before[node]!, after[node]!];
    const sums = [before[0]!, after[0]!] as const;
    const facts: Fact[] = [
      ['before', percent(a, sums[0])],
      ['after', percent(b, sums[0])],
      ['change', a > 0 ? `${b >= a ? '+' : '−'}${Math.abs((100 * (b - a)) / a).toFixed(1)} %` : 'new'],
    ];
    return [id < 0 ? 'all' : clean(nameOf(picture.entries[id]!)), facts];
  }

  private openMenu(pane: Pane, node: number, x: number, y: number): void {
    this.tooltip.hide();
    const picture = this.pictureIn(pane);
    const id = picture?.nodes.entry[node] ?? -1;
    if (!picture || id < 0) return;
    this.menuOf(picture.entries[id]!, x, y, () => pane.zoomTo(node));
  }

  /** The menu of an entry. */
  menuOf(entry: Picture['entries'][number], x: number, y: number, zoom?: () => void): void {
    const { state } = this.drawn!;
    const one = exactly(entry.label);
    const change = (patch: Partial<State>) => () => this.host.change(patch);
    this.menu.open(clean(nameOf(entry)), [
      ...(zoom ? [{ label: 'Zoom to it', key: 'z', run: zoom }] : []),
      { label: 'Sandwich: callers and callees', key: 's', run: change({ view: 'sandwich', picked: entry.label }) },
      { label: 'Focus: only stacks through it', key: 'f', run: change({ focus: one }) },
      { label: 'Hide: count it to its callers', key: 'h', run: change({ hide: either(state.hide, one) }) },
      { label: 'Ignore: no stacks through it', key: 'i', run: change({ ignore: either(state.ignore, one) }) },
      { label: 'Copy name', key: 'c', run: () => this.copy(entry.name || nameOf(entry)) },
      ...(entry.file ? [{ label: 'Copy file:line', key: 'l', run: () => this.copy(sourceOf(entry)) }] : []),
    ], x, y);
  }

  private copy(text: string): void {
    const done = () => this.host.announce(`Copied: ${clean(text)}`);
    const byHand = () => {
      const area = h('textarea', { class: 'off-screen', 'aria-hidden': 'true' });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
      done();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand);
    else byHand();
  }

  /** The facts of the picked function, below the graph. */
  describe(): void {
    const { state, cut, run } = this.drawn!;
    if (this.picture?.change && state.picked !== '') return this.describeBoth(this.picture);
    const id = this.entryOf(state.picked);
    if (id < 0) {
      if (this.facts.childElementCount === 1 && this.facts.firstElementChild!.matches('.note')) return;
      fill(this.facts, h('p', { class: 'note' }, ...byInput(
        'Point at a box for its facts; click it to zoom; press m or the right button for more.',
        'Tap a box to zoom to it, and for its facts and filters.')));
      return;
    }
    const entry = cut.shape.entries[id]!;
    const place = placeOf(entry, run.head.root);
    const per = run.perWeight();
    const { unit } = run.head;
    const weight = (name: string, value: number): Fact =>
      [name, `${amount(value, unit)} · ${percent(value, cut.sum)}`, unrounded(value, unit)];
    const facts: Fact[] = [
      ...(run.alone ? ([['run', clean(run.alone)]] as Fact[]) : []),
      ...(place ? ([['file', clean(sourceOf(entry))]] as Fact[]) : []),
      weight('self', cut.entrySelf[id]!),
      weight('total', cut.entryTotal[id]!),
    ];
    if (per !== null && nanoseconds(unit) === null) facts.push(['time', `about ${duration(cut.entryTotal[id]! * per)}`]);
    const mix = tierMix(totalTiers(run.profile, cut).subarray(id * 5, id * 5 + 5));
    if (mix) facts.push(['tiers', mix]);
    const lines = state.by === 'function' ? linesTable(linesOf(run.profile, cut, id), cut.sum, run.head) : null;
    fill(this.facts, h('strong', {}, clean(nameOf(entry))), factList(facts), this.actions(entry), lines);
  }

  /** The facts of the picked function in the graph of both sides: of all runs. */
  private describeBoth(picture: Picture): void {
    const { state, moved } = this.drawn!;
    const own = this.idOf(picture.entries, state.picked);
    const id = own < 0 ? this.idOf(picture.entries, moved.get(state.picked) ?? '') : own;
    if (id < 0) {
      fill(this.facts, h('p', { class: 'note' }, 'The picked function is not in this graph of both sides.'));
      return;
    }
    const entry = picture.entries[id]!;
    const { self, total } = costsOf(picture, id);
    const sum = picture.change!.before[0]!;
    const pair = ([before, after]: [number, number]) => {
      const change = before > 0 ? relative(before, after) : after > 0 ? 'new' : '0 %';
      return `${percent(before, sum)} → ${percent(after, sum)} (${change})`;
    };
    const facts: Fact[] = [
      ...(placeOf(entry, '') ? ([['file', clean(sourceOf(entry))]] as Fact[]) : []),
      ['self, before → after', pair(self)],
      ['total, before → after', pair(total)],
    ];
    fill(this.facts, h('strong', {}, clean(nameOf(entry))), factList(facts),
      h('p', { class: 'note' }, 'Of all runs of each side, in per cent of all before. Lines and tiers are of one run: “Calls” shows them.'),
      this.actions(entry));
  }

  private actions(entry: Picture['entries'][number]): HTMLElement {
    const { state } = this.drawn!;
    const one = exactly(entry.label);
    const change = (patch: Partial<State>) => () => this.host.change(patch);
    return h('div', { class: 'bar' },
      button('Sandwich', {}, change({ view: 'sandwich' })),
      button('Focus', {}, change({ focus: one })),
      button('Hide', {}, change({ hide: either(state.hide, one), picked: '' })),
      button('Ignore', {}, change({ ignore: either(state.ignore, one), picked: '' })),
      button('Copy name', {}, () => this.copy(entry.name || nameOf(entry))),
      entry.file ? button('Copy file:line', {}, () => this.copy(sourceOf(entry))) : null,
      editor(entry));
  }
}

/** A regular expression that matches what either of two matches; the first may be empty, for none. */
const either = (known: string, more: string): string => (known === '' ? more : `${known}|${more}`);

/** The weight of the outermost nodes that a search found. */
function sumOfHits(nodes: Picture['nodes'], hits: Uint8Array, weights: Float64Array): number {
  let sum = 0;
  for (let i = 1; i < nodes.count; ) {
    if (hits[nodes.entry[i]!] && weights[i]! > 0) {
      sum += weights[i]!;
      i = nodes.end[i]!;
    } else i++;
  }
  return sum;
}

/** The times of a box in order of time, in seconds of the axis. */
function momentsOf(run: RunData, first: number, last: number): string {
  const [from, to] = [first, last].map((us) => `${trim(run.seconds(us))} s`);
  return `${from === to ? from : `${from} to ${to}`}${run.clock}`;
}

/** A link that opens the function in an editor. */
function editor(entry: Picture['entries'][number]): HTMLElement | null {
  const href = entry.kind === 'js' ? editorLink(entry) : null;
  return href === null ? null : h('a', { href, class: 'editor', rel: 'noreferrer' }, 'Open in VS Code');
}

/** The colour of muted text in the theme. */
function mutedInk(): string {
  const { theme = '' } = document.documentElement.dataset;
  const key = `${theme} ${String(systemIsDark.matches)}`;
  if (mutedNow?.key !== key) {
    const ink = getComputedStyle(document.documentElement).getPropertyValue('--muted').trim();
    mutedNow = { key, ink };
  }
  return mutedNow.ink;
}

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
let mutedNow: { key: string; ink: string } | null = null;
