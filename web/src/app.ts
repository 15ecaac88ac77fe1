import { Address } from './address';
import { attribute, button, byInput, clean, eachFrame, fill, h, painted, term } from './dom';
import { duration, moment, nounOf, percent, sampled, span, trim, unrounded } from './format';
import type { Head } from './head';
import { changeOf } from './model/change';
import type { Cut } from './model/cut';
import type { Picture } from './model/picture';
import { Session, type RunData } from './session';
import { exactly, fromFragment, initial, toFragment, typedWindow, unknownWindow, type State } from './state';
import { ComparisonView } from './view/comparison';
import { ErrorsView } from './view/errors';
import { OwnView } from './view/own';
import { FlameView } from './view/flame/view';
import { helpDialog } from './view/help';
import { TableView } from './view/table';
import { nextTheme, printInLight, startTheme } from './view/theme';
import { ThreadsView } from './view/threads';
import { TimelineView } from './view/timeline';

/** Connects the views of the page with the reader's choices. */
export class App {
  private state: State;
  private readonly first: State;
  private readonly address: Address;
  private run: RunData | null = null;
  private others: RunData[] = [];
  private readonly session: Session;
  private readonly timeline: TimelineView;
  private readonly flame: FlameView;
  private readonly table: TableView;
  private readonly errors = new ErrorsView();
  private readonly own: OwnView;
  private readonly threads: ThreadsView;
  private readonly live = h('div', { class: 'off-screen', 'aria-live': 'polite', id: 'live' });
  private readonly help = helpDialog();
  private readonly windows = h('div', { class: 'choice', role: 'group', 'aria-label': 'Window' });
  private readonly status = h('output', { class: 'window-status', 'aria-live': 'polite', id: 'window-status' });
  private readonly from = h('input', { type: 'number', step: 'any', 'aria-label': 'Window from, in seconds', id: 'from' });
  private readonly to = h('input', { type: 'number', step: 'any', 'aria-label': 'Window to, in seconds', id: 'to' });
  private readonly rangeUnit = new Text(' s');
  private readonly range = h('span', { class: 'range' }, this.from, '–', this.to, this.rangeUnit);
  /** Why a window that was typed, or that stands in the address, is not shown. */
  private readonly trouble = h('p', { class: 'failure', role: 'alert', id: 'window-trouble', hidden: true });
  private readonly clocks = h('span', { class: 'clocks' });
  private readonly command = h('code', { class: 'command' });
  private readonly commandClock = h('span', { class: 'note' });
  private shown: { run: RunData | null; threadsOut: unknown; idle: boolean } = { run: null, threadsOut: null, idle: false };
  /** Labels of functions that have another label in the graph of both sides, with that one. */
  private readonly moves: ReadonlyMap<string, string>;
  /** True while the reader types a time of the window. */
  private typing = false;
  private runs: HTMLSelectElement | null = null;
  private readonly draw = eachFrame(() => this.drawNow());
  /** False until the charts are on the screen. */
  private withGraph = false;
  /** False until the first pictures are on the screen. */
  private withTables = false;

  constructor(
    private readonly head: Head,
    private readonly root: HTMLElement,
  ) {
    this.session = new Session(head);
    this.moves = new Map(head.comparison?.moved.flat());
    const opens = head.runs[0]?.opens;
    const named = opens === null || opens === undefined ? 'whole' : head.runs[0]!.windows[opens]!.id;
    this.first = initial({ id: named });
    this.state = fromFragment(location.hash, this.first, this.windowIds());
    if (this.state.run >= head.runs.length) this.state = { ...this.state, run: 0 };
    this.address = new Address(toFragment(this.state, this.first), (fragment) => this.moved(fragment));
    const noun = nounOf(head.runs.map((run) => run.unit));
    const change = (patch: Partial<State>, series?: string) => this.change(patch, series);
    this.timeline = new TimelineView({
      drag: (from, to, done, series) => this.dragged(from, to, done, series),
      clear: () => this.change({ window: { id: 'whole' } }),
    });
    this.flame = new FlameView({ change, announce: (text) => this.announce(text) }, head.comparison !== null, noun);
    this.table = new TableView({
      change,
      reveal: (entry) => this.flame.reveal(entry),
      menu: (entry, x, y) => this.flame.menuOf(this.run!.shape(this.state).entries[entry]!, x, y),
    }, noun);
    this.own = new OwnView((patch) => this.change(patch), noun);
    this.threads = new ThreadsView((threadsOut) => this.change({ threadsOut }));
  }

  /** Unpacks the first run and draws it. */
  async start(): Promise<void> {
    this.tools();
    fill(this.root, this.timePanel(), this.flame.element, this.own.element, this.table.element, this.errors.element,
      this.head.comparison && new ComparisonView(this.head.comparison, {
        root: this.head.runs[0]?.root ?? '', gates: this.head.gates ?? [], change: (patch) => this.change(patch),
      }).element,
      this.footer(), this.live, this.help);
    this.listen();
    this.complainOfAddress(location.hash);
    await this.load();
    const { dataset } = document.documentElement;
    if (this.timeline.hasCharts) {
      // The charts are on the first screen, and the flame graph is below them.
      dataset['charted'] = 'true';
      await painted();
    }
    this.withGraph = true;
    this.drawNow();
    dataset['drawn'] = 'true';
    // The pictures are on the screen before the tables below them are made.
    await painted();
    this.withTables = true;
    if (this.run) this.tables(this.run, this.run.cut(this.state));
    dataset['ready'] = 'true';
  }

  private windowIds(): string[] {
    return ['whole', ...new Set(this.head.runs.flatMap((run) => run.windows.map((window) => window.id)))];
  }

  private async load(): Promise<void> {
    let number: number;
    // The reader may choose another run while one is unpacked.
    do {
      number = this.state.run;
      this.run = await this.session.run(number);
    } while (number !== this.state.run);
    if (this.head.comparison) {
      this.others = await Promise.all(this.head.runs.map((_, number) => this.session.run(number)));
    }
    this.drawNow();
  }

  /** Changes the state, as an entry of the browser's history. Changes of one `series` share an entry. */
  change(patch: Partial<State>, series?: string): void {
    this.address.catchUp();
    this.become({ ...this.state, ...patch });
    this.address.put(toFragment(this.state, this.first), series);
  }

  private become(state: State): void {
    const before = this.state;
    this.complain('');
    this.state = state;
    if (state.run !== before.run) void this.load();
    else this.draw();
  }

  /** Restores the state of an address, and returns the fragment of that state. */
  private moved(fragment: string): string {
    const state = fromFragment(fragment, this.first, this.windowIds());
    this.typing = false;
    this.become({ ...state, run: Math.min(state.run, this.head.runs.length - 1) });
    this.complainOfAddress(fragment);
    return toFragment(this.state, this.first);
  }

  private dragged(from: number, to: number, done: boolean, series?: string): void {
    this.address.catchUp();
    this.typing = false;
    this.complain('');
    const run = this.run!;
    const [a, b] = [run.microseconds(from), run.microseconds(to)];
    const { window } = this.state;
    if ('id' in window || window.from !== a || window.to !== b) {
      this.state = { ...this.state, window: { from: a, to: b } };
      this.draw();
    }
    if (done) {
      this.address.put(toFragment(this.state, this.first), series);
      this.announce(`Window from ${moment(from)} to ${moment(to)}${run.clock}`);
    }
  }

  /** Shows why a window is not shown; an empty text when it is. */
  private complain(trouble: string): void {
    this.trouble.hidden = trouble === '';
    this.trouble.textContent = trouble;
    for (const field of [this.from, this.to]) attribute(field, 'aria-invalid', trouble === '' ? null : 'true');
  }

  private complainOfAddress(fragment: string): void {
    const asked = unknownWindow(fragment, this.windowIds());
    if (asked !== '') this.complain(`This page has no window “${clean(asked)}”, which its address asks for.`);
  }

  private announce(text: string): void {
    this.live.textContent = text;
  }

  private drawNow(): void {
    const { run, state } = this;
    if (!run) return;
    const fresh = this.shown.run !== run;
    if (fresh) {
      this.shown.run = run;
      if (this.runs) this.runs.value = String(state.run);
      this.timeline.show(run, this.others.find((other) => other.head.side !== run.head.side) ?? null);
      this.windowButtons(run);
      this.rangeUnit.data = ` s${run.clock}`;
      this.clocks.textContent = run.apart === '' ? '' : `in seconds of the load test; ${run.apart}`;
    }
    const window = run.window(state.window);
    const isWhole = window.from <= 0 && window.to === Infinity;
    this.timeline.select(isWhole ? null : [run.seconds(window.from), Math.min(run.seconds(window.to), run.seconds(run.head.end_us))]);
    this.describeWindow(run);
    const { threadsOut, idle } = this.shown;
    if (fresh || threadsOut !== state.threadsOut || idle !== state.idle) this.threads.show(run, state);
    this.shown.threadsOut = state.threadsOut;
    this.shown.idle = state.idle;
    if (!this.withGraph) return;
    const cut = run.cut(state);
    this.flame.show({ run, state, cut, change: state.view === 'change' ? this.changePicture() : null, changeNote: this.changeNote(), moved: this.moves });
    this.flame.describe();
    if (this.withTables) this.tables(run, cut);
  }

  private tables(run: RunData, cut: Cut): void {
    this.own.show(run, this.state, cut);
    this.table.show(run, this.state, cut);
    this.errors.show(run, cut.window);
  }

  /** Both sides of a comparison in the chosen window. */
  private changePicture(): Picture | null {
    const { comparison } = this.head;
    if (!comparison || this.others.length === 0) return null;
    const { before, after } = this.isCompared() ? comparison.total : { before: 1, after: 1 };
    const side = (name: string, cost: number) => {
      const cuts = this.others.filter((run) => run.head.side === name).map((run) => [run, this.cutLike(run)] as const);
      const moved = new Map(comparison.moved[name === 'before' ? 0 : 1]);
      return { cuts: cuts.map(([, cut]) => cut), sums: cuts.map(([run, cut]) => run.unfiltered(cut.window)), cost, moved };
    };
    return changeOf(side('before', before), side('after', after));
  }

  /** True when the window is the one whose costs the comparison has. */
  private isCompared(): boolean {
    const { window } = this.state;
    return 'id' in window && window.id === this.head.compared_window;
  }

  /** Says what the widths of the graph of both sides are. */
  private changeNote(): string {
    const { comparison, runs } = this.head;
    if (!comparison) return '';
    const all = `All ${runs.length} runs together. `;
    return this.isCompared()
      ? `${all}In per cent of the cost before, in ${comparison.window}, as in the tables of the comparison.`
      : `${all}In this window: per cent of the samples of each side. The costs of the comparison are of ${comparison.window} only.`;
  }

  /** A run, cut to the window of the state: the window of that name, or the same seconds of the axis. */
  private cutLike(run: RunData): Cut {
    const { state } = this;
    let { window } = state;
    if (!('id' in window)) {
      const here = this.run!;
      const to = window.to === Infinity ? Infinity : run.microseconds(here.seconds(window.to));
      window = { from: run.microseconds(here.seconds(window.from)), to };
    }
    const like = { ...state, threadsOut: new Set<number>() };
    return run.cut({ ...like, window });
  }

  private describeWindow(run: RunData): void {
    const { state } = this;
    const { from, to } = run.window(state.window);
    const end = Math.min(to, run.head.end_us);
    const isWhole = from <= 0 && to === Infinity;
    const id = 'id' in state.window ? state.window.id : '';
    for (const made of this.windows.querySelectorAll('button')) {
      attribute(made, 'aria-pressed', String(made.dataset['id'] === (isWhole ? 'whole' : id)));
    }
    const other = run.clock === '' ? '' : `${run.clock} (${span(from / 1e6, end / 1e6)} of the recording)`;
    const times = run.head.timed
      ? `${moment(run.seconds(from))} to ${moment(run.seconds(end))}${other}, ${duration(Math.max(0, end - from))}, `
      : '';
    if (run.head.timed && from >= run.head.end_us && run.head.end_us > 0) {
      this.complain(`Nothing was recorded in this window: the recording goes from ${span(run.seconds(0), run.seconds(run.head.end_us))}.`);
    }
    this.range.hidden = !run.head.timed;
    const note = run.named(id)?.note ?? '';
    const sum = run.sumIn(state);
    this.status.textContent =
      `${times}${sampled(sum, run.head.unit)}, ${percent(sum, run.sum(state))} of the run${note ? ` · ${note}` : ''}`;
    attribute(this.status, 'title', unrounded(sum, run.head.unit));
    if (!this.typing) {
      this.from.value = trim(run.seconds(Math.max(0, from)));
      this.to.value = trim(run.seconds(end));
    }
    const cli = (us: number) => `${trim(us / 1e6)}s`;
    const range = isWhole ? '' : this.head.command_window.replace('{from}', cli(from)).replace('{to}', cli(end));
    this.command.textContent = `${run.head.command}${range}`;
    this.commandClock.textContent = range === '' || run.apart === '' ? '' : ` (--from and --to are seconds of the recording: ${run.apart})`;
  }

  private windowButtons(run: RunData): void {
    const choose = (id: string, label: string, note: string) =>
      button(label, { 'data-id': id, 'aria-pressed': 'false', title: note || null }, () => this.change({ window: { id } }));
    fill(this.windows,
      choose('whole', 'Whole run', 'Everything that was recorded'),
      ...run.head.windows.map((window) => choose(window.id, window.label, window.note)));
  }

  private timePanel(): HTMLElement {
    const typed = () => {
      const run = this.run!;
      const read = typedWindow(this.from.value, this.to.value, run.seconds(0), run.seconds(run.head.end_us));
      if (typeof read === 'string') this.complain(read);
      else this.dragged(read.from, read.to, true);
    };
    for (const field of [this.from, this.to]) {
      field.addEventListener('input', () => {
        this.typing = true;
        // The reason is of the times that were typed before.
        this.complain('');
      });
      field.addEventListener('change', typed);
    }
    const runs = this.head.runs.length > 1 ? h('select', { 'aria-label': 'Run', id: 'run' },
      ...this.head.runs.map((run, number) =>
        h('option', { value: number, selected: number === this.state.run },
          `${run.side === 'only' ? '' : `${run.side}: `}${clean(run.name)}`))) : null;
    runs?.addEventListener('change', () => this.change({ run: Number(runs.value) }));
    this.runs = runs;
    return h('section', { class: 'panel time', 'aria-labelledby': 'time-title', id: 'time' },
      h('h2', { id: 'time-title' }, term('Timeline', 'Drag over any chart for a window: flame graph, table and figures ' +
        'below are of that window only. Plateaus are shaded: stretches in which more load gave no more throughput.'), this.clocks),
      h('div', { class: 'bar window-bar' }, runs, this.windows,
        this.range, this.threads.element),
      this.trouble,
      h('p', { class: 'note' }, this.status),
      this.timeline.element);
  }

  private tools(): void {
    const tools = document.getElementById('tools');
    if (!tools) return;
    startTheme();
    printInLight(() => this.recolor());
    const theme = button('Light / dark', { id: 'theme', title: 'd' }, () => this.switchTheme());
    fill(tools, theme, this.helpButton());
  }

  private helpButton(): HTMLElement {
    const made = button('', { title: '?', id: 'keys' }, () => this.help.showModal());
    fill(made, ...byInput('Keys', 'Help'));
    return made;
  }

  private switchTheme(): void {
    nextTheme();
    this.recolor();
  }

  /** Draws the canvases in the colours of the theme. A print does not wait for a frame. */
  private recolor(): void {
    this.timeline.recolor();
    this.drawNow();
  }

  private footer(): HTMLElement {
    return h('footer', {}, h('p', {}, 'The same window in a terminal: ', this.command, this.commandClock),
      h('p', { class: 'note' }, 'This file holds all its data and loads nothing. The address keeps what you chose: copy it to share it with the file.'));
  }

  private listen(): void {
    document.addEventListener('keydown', (event) => this.key(event));
    // The fragment of the address holds the state, so a link within the page only scrolls.
    for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
      link.addEventListener('click', (event) => {
        event.preventDefault();
        document.getElementById(link.hash.slice(1))?.scrollIntoView();
      });
    }
    for (const link of document.querySelectorAll<HTMLButtonElement>('button[data-label], button[data-package]')) {
      link.addEventListener('click', () => this.follow(link.dataset));
    }
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.recolor());
  }

  /** Shows an answer at the top in the graph after a click on it. */
  private follow(data: DOMStringMap): void {
    const { label, package: pack } = data;
    if (label) this.change({ by: 'function', view: 'sandwich', picked: label, focus: '' });
    else if (pack) {
      // A scope may end with the other slash, and a URL of a registry has the version behind the name.
      const name = exactly(pack).slice(1, -1).replace('\\/', '[/\\\\]');
      this.change({ search: `node_modules[/\\\\]${name}[/\\\\]|[/:]${name}@`, view: 'calls' });
    }
    document.getElementById('flame')?.scrollIntoView({ block: 'start' });
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape' && !this.help.open) {
      if (target === this.flame.search) target.blur();
      else this.flame.escape();
      return;
    }
    if (target.matches('input, select, textarea') || this.help.open) return;
    const choose = (id: string) => () => {
      if (id === 'whole' || this.run?.named(id)) this.change({ window: { id } });
    };
    const keys: Record<string, () => void> = {
      '/': () => this.flame.search.focus(),
      '?': () => this.help.showModal(),
      n: () => this.flame.nextHottest(),
      o: () => this.change({ ownFirst: !this.state.ownFirst }),
      d: () => this.switchTheme(),
      w: choose('whole'),
      l: choose('load'),
      b: choose('before'),
      p: choose('plateau'),
      c: () => this.change({ view: 'calls' }),
      s: () => this.change({ view: 'sandwich' }),
      t: () => this.change({ view: 'time' }),
      x: () => this.change({ icicle: !this.state.icicle }),
    };
    const run = keys[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  }
}
