import { App } from './app';
import { h } from './dom';
import { SCHEMA, type Head } from './head';

async function start(): Promise<void> {
  const root = document.getElementById('page')!;
  try {
    const head = JSON.parse(document.getElementById('head')!.textContent ?? '') as Head;
    if (head.schema !== SCHEMA) throw new Error(`the data are of schema ${head.schema}`);
    if (typeof DecompressionStream === 'undefined') {
      throw new Error('this browser is too old: it needs to be Chrome 80, Firefox 113, Safari 16.4 or later');
    }
    await new App(head, root).start();
  } catch (why) {
    const reason = why instanceof Error ? why.message : String(why);
    root.replaceChildren(h('p', { class: 'failure', role: 'alert' }, `This page cannot show its data: ${reason}`));
    throw why;
  }
}

void start();
