import { clean } from '../../dom';
import type { Picture } from '../../model/picture';
import { nameOf, placeOf } from '../../names';
import { FAMILY } from '../theme';
import { INK, css } from './colors';

export const ROW = 20;
const FONT = `12px ${FAMILY}`;
/** Smallest width of a box that is drawn, in pixels. */
const NARROWEST = 0.6;
const PAD = 5;

/** Settings for the look of a pane. */
export interface Look {
  /** The colour of a node. */
  color(node: number): string;
  /** Entries that the search found; null without a search. */
  found: Uint8Array | null;
  /** The entry that is picked; -1 for none. */
  picked: number;
  /** The root of the application's files, for short names. */
  root: string;
  /** Number of rows that are not drawn, because they show the root or are shown elsewhere. */
  skip: number;
  /** Text on boxes that the search did not find. */
  dimInk: string;
}

export interface PaneEvents {
  hover(node: number, x: number, y: number): void;
  pick(node: number): void;
  menu(node: number, x: number, y: number): void;
  /** Called after each drawing, in the same frame. */
  drawn(): void;
}

interface Box {
  node: number;
  left: number;
  right: number;
}

/** A flame graph on a canvas, with its zoom. */
export class Pane {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  private readonly space: HTMLElement;
  private readonly context: CanvasRenderingContext2D;
  private picture: Picture | null = null;
  private look: Look | null = null;
  private from = 0;
  private to = 1;
  private rows: Box[][] = [];
  private upwards = false;
  private waiting = false;
  private drawnSize = '';
  /** The range and width for which the height was found. */
  private fitFor = '';
  /** Depth of the deepest box that has a row. */
  private deepest = 0;
  private readonly widths = new Map<string, number>();
  /** The node of the keyboard's cursor; -1 for none. */
  cursor = -1;
  /** Number of times that it was drawn, for tests and benchmarks. */
  draws = 0;

  constructor(
    label: string,
    private readonly events: PaneEvents,
  ) {
    this.element = document.createElement('div');
    this.element.className = 'pane';
    this.space = document.createElement('div');
    this.space.className = 'pane-space';
    this.canvas = document.createElement('canvas');
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'application');
    this.canvas.setAttribute('aria-label', label);
    this.space.append(this.canvas);
    this.element.append(this.space);
    this.context = this.canvas.getContext('2d')!;
    this.listen();
    new ResizeObserver(() => {
      // The observer also reports the size that it begins with: that has been drawn.
      if (this.sizeNow() !== this.drawnSize) this.redraw();
    }).observe(this.element);
  }

  /** Shows a picture. Keeps the zoom when `keep` is true. */
  show(picture: Picture, look: Look, upwards: boolean, keep: boolean): void {
    const turned = upwards !== this.upwards || !this.picture;
    this.picture = picture;
    this.look = look;
    this.upwards = upwards;
    if (!keep) {
      this.from = 0;
      this.to = picture.sum;
      this.cursor = -1;
    }
    if (this.cursor >= picture.nodes.count) this.cursor = -1;
    this.to = Math.min(Math.max(this.to, this.from + 1e-9), Math.max(picture.sum, 1e-9));
    this.from = Math.max(0, Math.min(this.from, this.to - 1e-9));
    this.deepest = 0;
    this.fitFor = '';
    this.draw();
    if (turned) this.element.scrollTop = upwards ? this.element.scrollHeight : 0;
  }

  get zoomedIn(): boolean {
    const sum = this.picture?.sum ?? 0;
    return this.to - this.from < sum * 0.9999;
  }

  /** The nodes on the screen, with their width in pixels. */
  onScreen(): { node: number; width: number }[] {
    return this.rows.flat().map((box) => ({ node: box.node, width: box.right - box.left }));
  }

  zoomTo(node: number): void {
    if (!this.picture) return;
    if (node <= 0) this.setRange(0, this.picture.sum);
    else {
      const start = this.picture.start[node]!;
      this.setRange(start, start + this.picture.total[node]!);
    }
    this.reveal(node);
  }

  reset(): void {
    this.cursor = -1;
    this.zoomTo(0);
  }

  /** Scrolls so that a node's row is on the screen. */
  reveal(node: number): void {
    if (!this.picture || node < 0) return;
    const top = this.top(this.picture.nodes.depth[node]!);
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop || top + ROW > scrollTop + clientHeight) {
      this.element.scrollTop = top - clientHeight / 2;
    }
  }

  private setRange(from: number, to: number): void {
    const sum = this.picture?.sum ?? 0;
    const width = Math.min(sum, Math.max(to - from, sum * 1e-7));
    this.from = Math.max(0, Math.min(from, sum - width));
    this.to = this.from + width;
    this.fit();
    this.redraw();
  }

  /**
   * Makes the pane as high as the boxes that are wide enough to be drawn: a deep stack of few samples would leave empty
   * rows. While zoomed in, the pane only grows, so that nothing below it moves back and forth.
   */
  private fit(): void {
    const { look } = this;
    if (!this.picture || !look) return;
    const key = `${this.from} ${this.to} ${this.element.clientWidth}`;
    if (key === this.fitFor) return;
    this.fitFor = key;
    const deepest = this.deepestWide();
    this.deepest = this.zoomedIn ? Math.max(this.deepest, deepest) : deepest;
    const height = (Math.max(this.deepest, look.skip) + 1 - look.skip) * ROW + 2;
    const fromBottom = this.element.scrollHeight - this.element.scrollTop;
    this.space.style.height = `${height}px`;
    if (this.upwards) this.element.scrollTop = this.element.scrollHeight - fromBottom;
  }

  /** Depth of the deepest box in the range that is wide enough to be drawn. */
  private deepestWide(): number {
    const { nodes, start, total } = this.picture!;
    const scale = this.element.clientWidth / (this.to - this.from);
    let deepest = 0;
    for (let i = 0; i < nodes.count; ) {
      const isDrawn = total[i]! * scale >= NARROWEST && start[i]! < this.to && start[i]! + total[i]! > this.from;
      if (isDrawn) deepest = Math.max(deepest, nodes.depth[i]!);
      i = isDrawn ? i + 1 : nodes.end[i]!;
    }
    return deepest;
  }

  redraw(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  private sizeNow(): string {
    return `${this.element.clientWidth} ${this.element.clientHeight} ${window.devicePixelRatio}`;
  }

  private get height(): number {
    return this.space.offsetHeight;
  }

  private top(depth: number): number {
    const row = depth - (this.look?.skip ?? 0);
    return this.upwards ? this.height - (row + 1) * ROW - 1 : row * ROW + 1;
  }

  private draw(): void {
    const { picture, look, context, canvas } = this;
    if (!picture || !look) return;
    this.draws++;
    this.fit();
    this.drawnSize = this.sizeNow();
    const ratio = window.devicePixelRatio || 1;
    const width = this.element.clientWidth;
    const height = Math.min(this.element.clientHeight, Math.max(this.height, 1));
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = FONT;
    context.textBaseline = 'middle';
    this.rows = [];
    if (picture.sum > 0) this.boxes(width, height);
    this.events.drawn();
  }

  /** Draws the boxes on the screen. A box that is too narrow hides the boxes below it. */
  private boxes(width: number, height: number): void {
    const look = this.look!;
    const { nodes, start, total } = this.picture!;
    const scroll = this.element.scrollTop;
    const scale = width / (this.to - this.from);
    for (let i = 0; i < nodes.count; ) {
      const left = (start[i]! - this.from) * scale;
      const wide = total[i]! * scale;
      if (wide < NARROWEST || left >= width || left + wide <= 0) {
        i = nodes.end[i]!;
        continue;
      }
      const top = this.top(nodes.depth[i]!) - scroll;
      if (top > -ROW && top < height && nodes.depth[i]! >= look.skip) {
        this.box(i, Math.max(0, left), Math.min(width, left + wide), top);
      }
      const done = this.upwards ? top < -ROW : top > height;
      i = done ? nodes.end[i]! : i + 1;
    }
  }

  private box(node: number, left: number, right: number, top: number): void {
    const { context } = this;
    const picture = this.picture!;
    const look = this.look!;
    const entry = picture.nodes.entry[node]!;
    (this.rows[picture.nodes.depth[node]!] ??= []).push({ node, left, right });
    const dim = look.found !== null && (entry < 0 || !look.found[entry]);
    context.globalAlpha = dim ? 0.28 : 1;
    context.fillStyle = look.color(node);
    const gap = right - left > 3 ? 1 : 0;
    context.fillRect(left, top, right - left - gap, ROW - 1);
    context.globalAlpha = 1;
    if (node === this.cursor || (entry >= 0 && entry === look.picked)) {
      context.strokeStyle = node === this.cursor ? '#c2185b' : css(INK);
      context.lineWidth = node === this.cursor ? 2.5 : 1.5;
      context.strokeRect(left + 1, top + 1, Math.max(1, right - left - gap - 2), ROW - 3);
    }
    if (right - left > 24) this.label(node, entry, left, right - gap, top, dim);
  }

  private label(
    node: number,
    entry: number,
    left: number,
    right: number,
    top: number,
    dim: boolean,
  ): void {
    const { context } = this;
    const picture = this.picture!;
    const room = right - left - 2 * PAD;
    const found = entry < 0 ? null : picture.entries[entry]!;
    const name = found ? clean(nameOf(found)) : 'all';
    const text = this.fitted(name, room);
    if (text === '') return;
    context.fillStyle = dim ? this.look!.dimInk : css(INK);
    context.fillText(text, left + PAD, top + ROW / 2);
    if (!found || text !== name) return;
    let place = clean(placeOf(found, this.look!.root));
    // A row of frames of one package names the package only once.
    const above = picture.nodes.entry[picture.nodes.parent[node]!]!;
    if (found.package !== '' && above >= 0 && picture.entries[above]!.package === found.package) {
      place = place.slice(found.package.length + 1);
    }
    const taken = this.width(name) + 14;
    if (place === '' || this.width(place) > room - taken) return;
    context.globalAlpha = dim ? 0.9 : 0.78;
    context.fillText(place, right - PAD - this.width(place), top + ROW / 2);
    context.globalAlpha = 1;
  }

  private width(text: string): number {
    let width = this.widths.get(text);
    if (width === undefined) {
      if (this.widths.size > 20_000) this.widths.clear();
      width = this.context.measureText(text).width;
      this.widths.set(text, width);
    }
    return width;
  }

  /** The text, cut to the room. It is empty when fewer than three letters fit. */
  private fitted(text: string, room: number): string {
    if (this.width(text) <= room) return text;
    let low = 0;
    let high = Math.min(text.length, Math.ceil(room / 3));
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.width(`${text.slice(0, middle)}…`) <= room) low = middle;
      else high = middle - 1;
    }
    return low >= 3 ? `${text.slice(0, low)}…` : '';
  }

  /** The node at a place of the canvas; -1 for none. */
  nodeAt(x: number, y: number): number {
    if (!this.picture) return -1;
    const inner = y + this.element.scrollTop;
    const row = Math.floor((this.upwards ? this.height - 1 - inner : inner - 1) / ROW);
    const boxes = this.rows[row + (this.look?.skip ?? 0)] ?? [];
    return boxes.find((box) => x >= box.left && x < box.right)?.node ?? -1;
  }

  private listen(): void {
    const { canvas } = this;
    let grip: { x: number; y: number; from: number; to: number; scroll: number; id: number } | null = null;
    let moved = false;
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      moved = false;
      grip = {
        x: event.clientX, y: event.clientY, from: this.from, to: this.to,
        scroll: this.element.scrollTop, id: event.pointerId,
      };
    });
    canvas.addEventListener('pointermove', (event) => {
      if (grip && event.buttons & 1) {
        const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
        if (!moved && Math.hypot(dx, dy) < 5) return;
        if (!moved) canvas.setPointerCapture(grip.id);
        moved = true;
        const step = (dx / this.element.clientWidth) * (grip.to - grip.from);
        if (this.zoomedIn) this.setRange(grip.from - step, grip.to - step);
        if (event.pointerType !== 'touch') this.element.scrollTop = grip.scroll - dy;
        this.events.hover(-1, 0, 0);
        return;
      }
      this.events.hover(this.nodeAt(event.offsetX, event.offsetY), event.clientX, event.clientY);
    });
    canvas.addEventListener('pointerup', () => (grip = null));
    canvas.addEventListener('pointerleave', () => this.events.hover(-1, 0, 0));
    canvas.addEventListener('click', (event) => {
      if (moved) return;
      const node = this.nodeAt(event.offsetX, event.offsetY);
      if (node < 0) return;
      this.cursor = node;
      this.zoomTo(node);
      this.events.pick(node);
    });
    canvas.addEventListener('contextmenu', (event) => {
      const node = this.nodeAt(event.offsetX, event.offsetY);
      if (node <= 0) return;
      event.preventDefault();
      this.cursor = node;
      this.redraw();
      this.events.menu(node, event.clientX, event.clientY);
    });
    canvas.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    canvas.addEventListener('keydown', (event) => this.key(event));
    this.element.addEventListener('scroll', () => this.redraw());
  }

  private wheel(event: WheelEvent): void {
    if (!this.picture) return;
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    const width = this.to - this.from;
    if (sideways) {
      if (!this.zoomedIn) return;
      const step = ((event.deltaX || event.deltaY) / this.element.clientWidth) * width;
      this.setRange(this.from + step, this.to + step);
      event.preventDefault();
      return;
    }
    // When the whole picture is visible, the wheel scrolls the page.
    if (event.deltaY > 0 && !this.zoomedIn) return;
    event.preventDefault();
    const factor = Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300)));
    const at = this.from + (event.offsetX / this.element.clientWidth) * width;
    this.setRange(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.picture) return;
    const { nodes } = this.picture;
    const at = Math.max(0, this.cursor);
    const inwards = this.upwards ? 'ArrowUp' : 'ArrowDown';
    const outwards = this.upwards ? 'ArrowDown' : 'ArrowUp';
    let next = -1;
    if (event.key === inwards) next = this.cursor < 0 ? 0 : this.heaviestChild(at);
    else if (event.key === outwards) next = nodes.parent[at]!;
    else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      next = this.sibling(at, event.key === 'ArrowRight' ? 1 : -1);
    } else if (event.key === 'Home') {
      this.reset();
      event.preventDefault();
      return;
    } else if (event.key === 'Enter') {
      this.zoomTo(at);
      this.events.pick(at);
      event.preventDefault();
      return;
    } else if (event.key === '+' || event.key === '-') {
      const middle = (this.from + this.to) / 2;
      const half = ((this.to - this.from) / 2) * (event.key === '+' ? 0.7 : 1.4);
      this.setRange(middle - half, middle + half);
      return;
    } else if (event.key === 'ContextMenu' || event.key === 'm') {
      const box = this.rows[nodes.depth[at]!]?.find((one) => one.node === at);
      const place = this.canvas.getBoundingClientRect();
      const top = this.top(nodes.depth[at]!) - this.element.scrollTop + ROW;
      if (at > 0) this.events.menu(at, place.left + (box?.left ?? 0), place.top + top);
      event.preventDefault();
      return;
    } else return;
    event.preventDefault();
    if (next < 0) return;
    this.moveTo(next);
  }

  /** Puts the keyboard's cursor on a node. */
  moveTo(node: number): void {
    const picture = this.picture!;
    this.cursor = node;
    const start = picture.start[node]!;
    const end = start + picture.total[node]!;
    if (end <= this.from || start >= this.to) this.setRange(start, end);
    this.reveal(node);
    this.redraw();
    this.events.hover(node, -1, -1);
  }

  private heaviestChild(node: number): number {
    const { nodes, total } = this.picture!;
    let best = -1;
    for (let i = node + 1; i < nodes.end[node]!; i = nodes.end[i]!) {
      if (total[i]! > 0 && (best < 0 || total[i]! > total[best]!)) best = i;
    }
    return best;
  }

  private sibling(node: number, step: 1 | -1): number {
    const { nodes, total } = this.picture!;
    if (node === 0) return -1;
    const parent = nodes.parent[node]!;
    let last = -1;
    for (let i = parent + 1; i < nodes.end[parent]!; i = nodes.end[i]!) {
      if (total[i] === 0) continue;
      if (step > 0 && last === node) return i;
      if (step < 0 && i === node) return last;
      last = i;
    }
    return -1;
  }
}
