import uPlot from 'uplot';
import { eachFrame, fill, h, term, clean } from '../dom';
import { capital, digits, millis, moment, moments, nanoseconds, nounOf, short, TIME_STEPS, trim } from '../format';
import type { RunData } from '../session';
import { endBeside, highest, roundedUp } from './axis';
import { busierThan, cpuOf, heatOf, stepOf, type Cpu, type Heat } from './series';
import { FAMILY } from './theme';

type Points = (number | null)[];

interface Line {
  /** True for a line of the other side of a comparison. */
  faint?: boolean;
  label: string;
  values: Points;
  /** Index in the theme's line colours. */
  color: number;
  dash?: number[];
  right?: boolean;
  fill?: boolean;
}

interface Chart {
  key: string;
  title: HTMLElement;
  xs: number[];
  lines: Line[];
  unit: (value: number) => string;
  unitRight?: (value: number) => string;
  top?: number;
  /** 1024 for bytes: the ends of the axis are round in KiB, MiB and so on. */
  base?: number;
}

/** Room for the numbers on each side, so that all charts share one time axis. */
const SIDE = 58;
const HEIGHT = 92;

/** The windows that the arrow keys choose one after the other. */
const KEYS = 'arrow keys';

export interface TimelineEvents {
  /** Called with a window in seconds of the axis. `done` is true when the drag has ended. Windows of one `series` are one choice. */
  drag(from: number, to: number, done: boolean, series?: string): void;
  clear(): void;
}

/** Charts over one time axis, and the heat map below them. */
export class TimelineView {
  readonly element = h('div', { class: 'timeline' });
  private plots: uPlot[] = [];
  private shades: HTMLElement[] = [];
  private heat: Heat | null = null;
  private heatCanvas: HTMLCanvasElement | null = null;
  private heatShade: HTMLElement | null = null;
  private heatWidth = 0;
  private range: [number, number] = [0, 1];
  private window: [number, number] | null = null;
  private run: RunData | null = null;
  private theme: (name: string) => string = () => '';
  private other: RunData | null = null;

  constructor(private readonly events: TimelineEvents) {
    new ResizeObserver(eachFrame(() => this.resize())).observe(this.element);
    this.element.tabIndex = 0;
    this.element.setAttribute('role', 'group');
    this.element.setAttribute(
      'aria-label',
      'Timeline. Arrow keys move the window by a second, with Shift its end.',
    );
    this.element.addEventListener('keydown', (event) => this.key(event));
  }

  /** Draws the charts of a run, and in fainter colours those of a run of the other side. */
  show(run: RunData, other: RunData | null = null): void {
    this.run = run;
    this.other = other;
    for (const plot of this.plots) plot.destroy();
    this.plots = [];
    this.shades = [];
    this.heatCanvas = null;
    this.heatWidth = 0;
    const step = Math.max(stepOf(run), other ? stepOf(other) : 0);
    this.heat = heatOf(run, step, new Set());
    const charts = chartsOf(run, cpuOf(run, step));
    if (other) addOther(charts, chartsOf(other, cpuOf(other, step)), other.head.side);
    if (charts.length === 0) {
      fill(this.element, h('p', { class: 'note' }, missing(run)));
      return;
    }
    this.range = rangeOf(charts, this.heat, [run.seconds(0), run.seconds(run.head.end_us)]);
    const holders = charts.map(() => h('div', { class: 'chart' }));
    const parts: Node[] = charts.map((chart, index) => h('div', { class: 'chart-row' }, chart.title, holders[index]!));
    if (this.heat) parts.push(this.heatRow());
    fill(this.element, ...parts);
    // All charts have one width. It is read once: each reading after a change costs a layout.
    const width = Math.max(300, holders[0]!.clientWidth || 800);
    this.theme = colorsNow();
    this.drawHeat();
    charts.forEach((chart, index) => {
      this.plots.push(this.plot(chart, holders[index]!, width, index === charts.length - 1));
    });
    this.select(this.window);
  }

  get hasCharts(): boolean {
    return this.plots.length > 0;
  }

  /** Shades the window, in seconds of the axis; null for the whole run. */
  select(window: [number, number] | null): void {
    this.window = window;
    for (const plot of this.plots) this.shade(plot);
    const width = this.heatWidth;
    if (!this.heatShade || width === 0) return;
    const scale = width / (this.range[1] - this.range[0]);
    this.place(this.heatShade, width, (x) => (x - this.range[0]) * scale);
  }

  /** Shades the window on a chart. A chart has its size only when it is drawn, which is after the call that makes it. */
  private shade(plot: uPlot): void {
    const shade = this.shades[this.plots.indexOf(plot)];
    if (shade) this.place(shade, plot.bbox.width / devicePixelRatio, (x) => plot.valToPos(x, 'x'));
  }

  /** Redraws in the colours of the theme. */
  recolor(): void {
    if (this.run) {
      const window = this.window;
      this.show(this.run, this.other);
      this.select(window);
    }
  }

  private place(shade: HTMLElement, width: number, at: (x: number) => number): void {
    shade.hidden = this.window === null;
    if (!this.window) return;
    const [from, to] = this.window;
    const left = Math.max(0, at(Math.max(from, this.range[0])));
    const right = Math.min(width, at(Math.min(to, this.range[1])));
    const [before, after] = shade.children as unknown as [HTMLElement, HTMLElement];
    // Moved and not resized: a drag then needs no layout of the charts.
    before.style.transform = `translateX(${(left - width).toFixed(1)}px)`;
    after.style.transform = `translateX(${right.toFixed(1)}px)`;
  }

  private plot(chart: Chart, holder: HTMLElement, width: number, last: boolean): uPlot {
    const { theme } = this;
    const font = `11px ${FAMILY}`;
    const axis = { stroke: theme('--muted'), grid: { stroke: theme('--grid'), width: 1 }, ticks: { show: false } };
    const scale = (right?: boolean) => (right ? 'right' : 'left');
    const run = this.run!;
    const side = (show: boolean, unit: (value: number) => string, right: boolean): uPlot.Axis => ({
      ...axis,
      scale: scale(right),
      side: right ? 1 : 3,
      size: SIDE,
      font,
      show: true,
      grid: right ? { show: false } : axis.grid,
      values: (_, values) => values.map((value) => (show ? (value === 0 ? '0' : unit(value)) : '')),
      splits: (_, __, ___, max) => [0, max / 2, max],
      gap: 4,
    });
    const hasRight = chart.lines.some((line) => line.right);
    const axisOf = (line: Line) => (hasRight ? ` (${scale(line.right)} axis)` : '');
    const options: uPlot.Options = {
      width,
      height: last ? HEIGHT + 26 : HEIGHT + 8,
      padding: [8, 0, last ? 0 : 8, 0],
      // Lines whose colours look alike to some readers differ in their dashes.
      legend: { show: true, live: true, markers: { dash: (plot, at) => dashOf(plot.series[at]?.dash) } },
      cursor: { drag: { x: false, y: false }, sync: { key: 'time' }, points: { size: 5 } },
      scales: {
        x: { time: false, range: () => this.range },
        left: { range: (_, __, max) => [0, chart.top ?? roundedUp(max, chart.base ?? 1000)] },
        right: { range: (_, __, max) => [0, roundedUp(max, 1000)] },
      },
      axes: [
        { ...axis, font, size: last ? 26 : 0, show: last, incrs: TIME_STEPS, values: (_, values) => moments(values) },
        side(true, chart.unit, false),
        side(hasRight, chart.unitRight ?? chart.unit, true),
      ],
      series: [
        { label: 'at', value: (_, value) => (value === null ? '' : moment(value)) },
        ...chart.lines.map((line): uPlot.Series => ({
          label: line.label + axisOf(line),
          scale: scale(line.right),
          stroke: theme(line.faint ? '--faint' : `--line-${line.color}`),
          width: line.faint ? 1.2 : 1.6,
          points: { show: false },
          spanGaps: false,
          ...(line.dash ? { dash: line.dash } : {}),
          ...(line.fill ? { fill: theme(`--fill-${line.color}`) } : {}),
          value: (_, value, __, at) => {
            // Without a pointer over the charts there is no value to show.
            if (at === null || at === undefined) return '';
            const unit = line.right ? (chart.unitRight ?? chart.unit) : chart.unit;
            return value === null || value === undefined ? '–' : unit(value);
          },
        })),
      ],
      hooks: {
        drawClear: [(plot) => shadePlateaus(plot, run, theme('--plateau'), theme('--plateau-edge'))],
        draw: [(plot) => this.shade(plot)],
      },
    };
    const plot = new uPlot(options, [chart.xs, ...chart.lines.map((line) => line.values)], holder);
    const shade = shadeOf();
    plot.over.append(shade);
    this.shades.push(shade);
    this.draggable(plot.over, (x) => plot.posToVal(x, 'x'));
    return plot;
  }

  /** Makes a surface draggable: pressing, moving and releasing chooses a window. */
  private draggable(surface: HTMLElement, at: (x: number) => number): void {
    let start: number | null = null;
    const x = (event: PointerEvent) => event.clientX - surface.getBoundingClientRect().left;
    surface.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      start = x(event);
      surface.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    surface.addEventListener('pointermove', (event) => {
      if (start === null || Math.abs(x(event) - start) < 4) return;
      this.dragged(at(start), at(x(event)), false);
    });
    surface.addEventListener('pointerup', (event) => {
      if (start === null) return;
      const from = start;
      start = null;
      if (Math.abs(x(event) - from) < 4) return;
      this.dragged(at(from), at(x(event)), true);
    });
    surface.addEventListener('pointercancel', () => (start = null));
    surface.addEventListener('dblclick', () => this.events.clear());
  }

  private dragged(a: number, b: number, done: boolean): void {
    const within = (value: number) => Math.max(this.range[0], Math.min(this.range[1], value));
    const [from, to] = [within(Math.min(a, b)), within(Math.max(a, b))];
    if (to > from) this.events.drag(from, to, done);
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step === 0 || this.plots.length === 0) return;
    event.preventDefault();
    const [first, last] = this.range;
    const [from, to] = this.window ?? [first, Math.min(last, first + 10)];
    if (!this.window) return this.events.drag(from, to, true, KEYS);
    if (event.shiftKey) {
      this.events.drag(from, Math.max(from + 1, Math.min(last, to + step)), true, KEYS);
    } else if (from + step >= first && to + step <= last) {
      this.events.drag(from + step, to + step, true, KEYS);
    }
  }

  private heatRow(): HTMLElement {
    const heat = this.heat!;
    const rowMs = heat.columnUs / heat.rows / 1000;
    const noun = nounOf([this.run!.head.unit]);
    const counted = countedIn(this.run!.head);
    const [word, darker] = noun === 'errors'
      ? ['Errors in time', 'the more errors']
      : counted !== null
      ? [`${capital(counted)} over time`, `the more ${counted}`]
      : [`${capital(noun)} on CPU`, `the more ${noun} were not idle`];
    const title = h(
      'div',
      { class: 'chart-title' },
      term(
        word,
        `Each column is ${trim(heat.columnUs / 1e6)} s of time from bottom to top, each cell ` +
          `${trim(rowMs)} ms; the darker, ${darker}. Stripes are stalls or ` +
          'bursts within a column.',
      ),
      h('div', { class: 'heat-unit' }, `a row is ${trim(rowMs)} ms`),
    );
    this.heatCanvas = h('canvas', { class: 'heat', role: 'img', 'aria-label': `Heat map: ${word.toLowerCase()}` });
    this.heatShade = shadeOf();
    this.draggable(this.heatCanvas, (x) => {
      const width = this.heatCanvas!.clientWidth;
      return this.range[0] + (x / width) * (this.range[1] - this.range[0]);
    });
    return h('div', { class: 'chart-row' }, title, h('div', { class: 'heat-holder' }, h('div', { class: 'heat-box' }, this.heatCanvas, this.heatShade)));
  }

  private drawHeat(): void {
    const { heat, heatCanvas: canvas } = this;
    if (!heat || !canvas) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, 100];
    this.heatWidth = width;
    if (width === 0) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { theme } = this;
    context.fillStyle = theme('--heat-low');
    context.fillRect(0, 0, width, height);
    context.fillStyle = theme('--heat-high');
    const scale = width / (this.range[1] - this.range[0]);
    const wide = (heat.columnUs / 1e6) * scale;
    const tall = height / heat.rows;
    for (let column = 0; column < heat.columns; column++) {
      const left = (heat.first + (column * heat.columnUs) / 1e6 - this.range[0]) * scale;
      for (let row = 0; row < heat.rows; row++) {
        const value = heat.cells[column * heat.rows + row]!;
        if (value === 0) continue;
        context.globalAlpha = 0.08 + 0.92 * (value / heat.most);
        context.fillRect(left, height - (row + 1) * tall, Math.max(wide - 0.5, 0.7), tall);
      }
    }
    context.globalAlpha = 1;
  }

  private resize(): void {
    for (const plot of this.plots) {
      const width = plot.root.parentElement!.clientWidth;
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height });
    }
    // The observer also reports the size that it begins with: that has been drawn.
    if (this.heatCanvas && this.heatCanvas.clientWidth !== this.heatWidth) this.drawHeat();
    this.select(this.window);
  }
}

const COLORS = ['--muted', '--grid', '--plateau', '--plateau-edge', '--faint', '--fill-3', '--fill-5', '--heat-low', '--heat-high',
  '--line-1', '--line-2', '--line-3', '--line-4', '--line-5'];

/** The colours of the theme, all read at once: a reading between two changes of the page costs a look at all its styles. */
function colorsNow(): (name: string) => string {
  const style = getComputedStyle(document.documentElement);
  const colors = new Map(COLORS.map((name) => [name, style.getPropertyValue(name).trim()]));
  return (name) => colors.get(name) ?? '';
}

/** The border of a mark in the legend that looks like the line. */
const dashOf = (dash: number[] | undefined): string => (!dash ? 'solid' : dash[0]! < 3 ? 'dotted' : 'dashed');

/** The quantity of a recording that does not show time on a CPU; null for others. */
function countedIn({ unit, event }: RunData['head']): string | null {
  if (event === '') return null;
  if (nanoseconds(unit) !== null) return event;
  return unit === 'samples' ? `samples of ${event}` : unit;
}

/** Covers the time outside of the window. */
const shadeOf = (): HTMLElement =>
  h('div', { class: 'shade', hidden: true }, h('div', { class: 'veil start' }), h('div', { class: 'veil end' }));

function missing(run: RunData): string {
  const one = nounOf([run.head.unit]).replace(/s$/, '');
  if (run.profile.threads.reduce((sum, thread) => sum + thread.stacks.length, 0) === 1 && run.head.timed) {
    return `This recording has one ${one}: there is nothing to draw over time.`;
  }
  return run.head.timed
    ? `The recording has no ${nounOf([run.head.unit])} to draw over time.`
    : `The ${nounOf([run.head.unit])} of this recording carry no times, so that there is no timeline and no window ` +
        'can be dragged. Tick logs of node --prof, .cpuprofile files and perf recordings carry times.';
}

function shadePlateaus(plot: uPlot, run: RunData, color: string, edge: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = color;
  for (const window of run.head.windows) {
    if (!window.id.startsWith('plateau')) continue;
    const left = plot.valToPos(run.seconds(window.from_us), 'x', true);
    const right = plot.valToPos(run.seconds(window.to_us), 'x', true);
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.fillStyle = edge;
    ctx.fillRect(left, bbox.top, right - left, 3 * devicePixelRatio);
    ctx.fillStyle = color;
  }
  ctx.restore();
}

/** The ends of the axis. A step of what was recorded goes no further than the recording, from `first` to `last`. */
function rangeOf(charts: Chart[], heat: Heat | null, [first, last]: [number, number]): [number, number] {
  let from = Infinity;
  let to = -Infinity;
  const add = (start: number, end: number, recorded: boolean) => {
    from = Math.min(from, recorded ? Math.max(start, first) : start);
    to = Math.max(to, recorded ? Math.min(end, last) : end);
  };
  const half = Math.min(0.5, heat ? heat.columnUs / 2e6 : 0.5);
  for (const { xs, key } of charts) add(xs[0]! - half, xs[xs.length - 1]! + half, key === 'cpu');
  if (heat) add(heat.first, heat.first + (heat.columns * heat.columnUs) / 1e6, true);
  return [from, to > from ? to : from + 1];
}

const plain = (value: number) => (value >= 1000 ? `${trim(Math.round(value / 100) / 10)}k` : digits(value));
const inPercent = (value: number) => `${plain(value)} %`;

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function bytes(value: number): string {
  let at = 0;
  while (Math.abs(value) >= 1024 && at + 1 < BYTES.length) {
    value /= 1024;
    at += 1;
  }
  return `${plain(value)} ${BYTES[at]!}`;
}

/** How a track's values are written, by its unit. */
function unitOf(unit: string): (value: number) => string {
  switch (unit) {
    case 'percent':
      return inPercent;
    case 'share':
      return (value) => inPercent(100 * value);
    case 'bytes':
      return bytes;
    case 'bytes_per_second':
      return (value) => `${bytes(value)}/s`;
    case 'seconds':
      return (value) => millis(1000 * value);
    case 'per_second':
      return (value) => `${plain(value)}/s`;
    default:
      return plain;
  }
}

/** Values of a line, which has a gap where a value is not known. */
const known = (values: Float64Array): (number | null)[] =>
  Array.from(values, (value) => (Number.isNaN(value) ? null : value));

/** The charts for which the run has data. */
function chartsOf(run: RunData, cpu: Cpu | null): Chart[] {
  const load = run.head.load;
  const noun = nounOf([run.head.unit]);
  const charts: Chart[] = [];
  if (load && load.start_us !== null) {
    const xs = load.goodput.map((_, second) => second + 0.5);
    charts.push({
      key: 'load',
      title: title('Load and goodput', LOAD_TERM(load.unit)),
      xs,
      lines: [
        ...(load.load.length > 0 ? [{ label: load.unit, values: load.load, color: 1, dash: [5, 4] }] : []),
        { label: 'goodput, requests a second', values: load.goodput, color: 2, right: load.load.length > 0 },
        ...(load.dropped.length > 0 ? [{ label: 'dropped a second', values: load.dropped, color: 4, right: true }] : []),
      ],
      unit: plain,
    });
    const answers = [
      { label: 'p50', values: load.p50, color: 2 },
      { label: 'p95', values: load.p95, color: 1 },
      { label: 'p99', values: load.p99, color: 3, dash: [4, 3] },
    ].filter(({ values }) => values.some((value) => value !== null));
    if (answers.length > 0) {
      charts.push({
        key: 'answer',
        title: title('Time to answer', 'Half of the answers came within p50, 95 % within p95, 99 % within p99.'),
        xs,
        lines: answers,
        unit: millis,
      });
    }
    if (load.errors.length > 0) charts.push(errorChart(run, xs));
    else if (run.head.logged?.length) charts.push(loggedChart(run, xs));
  } else if (run.head.logged?.length && run.head.timed) {
    const seconds = Math.ceil(run.head.end_us / 1e6);
    charts.push(loggedChart(run, Array.from({ length: seconds }, (_, second) => second + 0.5)));
  }
  if (cpu && run.head.unit === 'errors') {
    charts.push({
      key: 'cpu',
      title: title('Errors', 'The number of errors a second in the log.'),
      xs: Array.from(cpu.busy, (_, i) => Number((cpu.first + (i + 0.5) * cpu.step).toFixed(3))),
      lines: [{ label: 'errors a second', values: Array.from(cpu.busy), color: 3, fill: true }],
      unit: plain,
    });
  } else if (cpu) {
    const waits = !cpu.byKernel && run.head.counts_waits;
    const other = cpu.byKernel || cpu.inSamples ? '' : run.head.event;
    const share = other ? `share of the time, ${other}` : waits ? 'share of the time running' : 'share of a core';
    charts.push({
      key: 'cpu',
      title: title(
        'Main thread',
        cpu.inSamples
          ? `${capital(run.head.unit)} a second of the thread with the most ${noun}, without idle ones.`
          : other
            ? `The share of the time that ${other} took in the thread with the most ${noun}.`
          : waits
            ? `The share of the time in which the thread with the most ${noun} ran by its ${noun}, and the part of it that ` +
              'collected garbage. Time in which it waited for a core counts too.'
            : `The share of a core that the ${cpu.byKernel ? 'main thread got, as the kernel counted it' : `thread with the most ${noun} got`}, ` +
              'and the part of it that collected garbage. ' +
              'An event loop is busy for longer than that: it is busy while it has work, also without a core.',
      ),
      xs: Array.from(cpu.busy, (_, i) => Number((cpu.first + (i + 0.5) * cpu.step).toFixed(3))),
      lines: [
        { label: cpu.inSamples ? `${run.head.unit} a second` : share, values: known(cpu.busy), color: 5, fill: true },
        { label: 'garbage collection', values: known(cpu.gc), color: 3, fill: true },
      ],
      unit: cpu.inSamples ? (value) => short(Math.round(value), run.head.unit) : inPercent,
      ...(cpu.inSamples || cpu.busy.some((value) => value > 110) ? {} : { top: 100 }),
    });
    addBusier(charts.at(-1)!, run, cpu);
  }
  for (const track of load?.start_us != null ? load.tracks : []) {
    charts.push({
      key: `track ${track.name}`,
      title: title(clean(track.name), track.note ? clean(track.note) : 'A further quantity that was measured beside the run.'),
      xs: track.at_us.map((us) => us / 1e6),
      lines: [{ label: clean(track.name), values: track.values, color: 4 }],
      unit: unitOf(track.unit),
      ...(track.unit.startsWith('bytes') ? { base: 1024 } : {}),
    });
  }
  return charts.filter((chart) => chart.xs.length > 0);
}

/** Adds the thread that was busier than the main thread to the chart of that. */
function addBusier(chart: Chart, run: RunData, main: Cpu): void {
  const busier = run.head.unit === 'errors' ? null : busierThan(run);
  const cpu = busier === null ? null : cpuOf(run, main.step, busier);
  if (busier === null || cpu === null || cpu.inSamples !== main.inSamples) return;
  const values = known(cpu.busy);
  const shift = Math.round((main.first - cpu.first) / main.step);
  const name = clean(run.profile.threads[busier]!.name);
  chart.lines.splice(1, 0, {
    label: `${name}, the busiest thread${main.byKernel && run.head.counts_waits ? `, with its waits for a core (by ${run.head.unit})` : ''}`,
    values: chart.xs.map((_, at) => values[at + shift] ?? null),
    color: 1,
    dash: [5, 4],
  });
  if (cpu.busy.some((value) => value > 110)) delete chart.top;
}

/** The lines of the other side that are compared: goodput, p95, busy, and the errors of a log. */
const COMPARED = ['goodput', 'p95', 'share of a core', 'share of the time running', 'share of the time', 'errors a second'];

const isCompared = (label: string, chart: string): boolean =>
  COMPARED.includes(label.split(',')[0]!) || (chart === 'cpu' && label.endsWith(' a second'));

/** Draws the other side's lines into the same charts, over the same seconds of the test. */
function addOther(charts: Chart[], others: Chart[], side: string): void {
  for (const chart of charts) {
    const other = others.find((one) => one.key === chart.key);
    // A line in another unit has no place on these axes: samples a second are no share of a core.
    const has = (label: string) => chart.lines.some((own) => own.label === label);
    const line = other?.lines.find((one) => isCompared(one.label, chart.key) && has(one.label));
    if (!other || !line) continue;
    const theirs = new Map(other.xs.map((x, at) => [x, line.values[at] ?? null]));
    const ours = new Map(chart.xs.map((x, at) => [x, at]));
    const xs = [...new Set([...chart.xs, ...other.xs])].sort((a, b) => a - b);
    for (const own of chart.lines) {
      own.values = xs.map((x) => (ours.has(x) ? own.values[ours.get(x)!]! : null));
    }
    chart.xs = xs;
    const right = chart.lines.some((own) => own.right && own.label === line.label);
    const beyond = chart.key === 'answer' ? endBeside(chart.lines.flatMap((own) => own.values), line.values) : null;
    const most = beyond === null ? '' : `, up to ${chart.unit(highest(line.values))}`;
    if (beyond !== null) chart.top = beyond;
    chart.lines.push({ ...line, right, label: `${line.label} (${side}${most})`, values: xs.map((x) => theirs.get(x) ?? null), faint: true, fill: false, dash: [2, 2] });
  }
}

function errorChart(run: RunData, xs: number[]): Chart {
  const load = run.head.load!;
  const all = load.goodput.map(
    (ok, second) => (ok ?? 0) + load.errors.reduce((sum, kind) => sum + (kind.values[second] ?? 0), 0),
  );
  const shares = load.errors.map((kind) =>
    kind.values.map((value, second) => (all[second]! > 0 ? (100 * (value ?? 0)) / all[second]! : null)));
  return {
    key: 'errors',
    title: title('Errors', 'The share of all answers of a second that failed, by kind.'),
    xs,
    lines: load.errors.map((kind, index): Line => ({
      label: clean(kind.kind),
      values: shares[index]!,
      color: [3, 1, 4, 5, 2][index % 5]!,
      fill: index === 0,
    })).concat(run.head.logged?.length ? [{ ...loggedLine(run, xs), right: true }] : []),
    unit: inPercent,
    // No share is above 100 %, so the axis does not go on to 120 %.
    ...(shares.flat().some((share) => (share ?? 0) > 80) ? { top: 100 } : {}),
    unitRight: plain,
  };
}

function loggedChart(run: RunData, xs: number[]): Chart {
  return {
    key: 'errors',
    title: title('Errors', 'The number of errors a second in the application’s log.'),
    xs,
    lines: [loggedLine(run, xs)],
    unit: plain,
  };
}

/** The errors that the application logged in each second. */
function loggedLine(run: RunData, xs: number[]): Line {
  const sums = new Map<number, number>();
  for (const { tenths, counts } of run.head.logged ?? []) {
    tenths.forEach((tenth, at) => {
      const second = Math.floor(run.seconds((tenth + 0.5) * 1e5));
      sums.set(second, (sums.get(second) ?? 0) + counts[at]!);
    });
  }
  return { label: 'logged by the application, a second', values: xs.map((x) => sums.get(Math.floor(x)) ?? 0), color: 2, dash: [2, 3] };
}

const LOAD_TERM = (unit: string) =>
  (unit === 'VUs'
    ? 'VUs are the virtual users of the load generator. '
    : 'The load is what the load generator wanted to send. ') +
  'Goodput is the number of requests a second that were answered well.';

function title(word: string, explanation: string): HTMLElement {
  return h('div', { class: 'chart-title' }, term(word, explanation));
}

