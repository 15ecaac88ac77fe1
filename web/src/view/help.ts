import { byInput, button, h } from '../dom';

const KEYS: [string, string][] = [
  ['/', 'search in the flame graph'],
  ['n', 'next hottest function'],
  ['o', 'start at your own code, or at all code again'],
  ['w  l  b  p', 'window: whole run, under load, before the plateau, plateau'],
  ['c  s  t', 'view: calls, sandwich, time order'],
  ['x', 'icicle or flame'],
  ['Esc', 'back: closes a menu, leaves the zoom, the sandwich and the filters'],
  ['d', 'light or dark'],
  ['?', 'this list'],
  ['In the flame graph', ''],
  ['← → ↑ ↓', 'move between boxes'],
  ['Enter', 'zoom to the box'],
  ['+  −', 'zoom in and out'],
  ['Home', 'back to the whole'],
  ['m', 'menu: focus, hide, sandwich, copy'],
  ['On the timeline', ''],
  ['← →', 'move the window by a second; with Shift its end'],
];

/** The keys, in a dialog. On a screen that is only touched, it has what a touch does. */
export function helpDialog(): HTMLDialogElement {
  const rows = KEYS.map(([keys, what]) =>
    what === ''
      ? h('tr', {}, h('th', { colspan: 2, scope: 'colgroup' }, keys))
      : h('tr', {}, h('td', {}, h('kbd', {}, keys)), h('td', {}, what)));
  const dialog = h('dialog', { 'aria-labelledby': 'help-title', class: 'help' });
  dialog.append(
    h('h2', { id: 'help-title' }, ...byInput('Keys', 'By touch')),
    h('table', { class: 'by-pointer' }, h('tbody', {}, ...rows)),
    h('p', {}, ...byInput('With the pointer: drag on the timeline for a window, click a box to zoom, use the wheel to zoom and ' +
      'drag to pan, press the right button for a menu.', 'Drag on the timeline for a window. Tap a box to zoom to it; ' +
      'its facts are then below the graph, with buttons for its callers, for filters and for its name. Drag to pan.')),
    button('Close', {}, () => dialog.close()),
  );
  return dialog;
}
