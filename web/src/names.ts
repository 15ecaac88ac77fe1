import type { Entry } from './model/shape';

/** A short name of a file: the package and the path within it, or the path from the root of the application's files. */
export function shortFile(file: string, pack: string, root: string): string {
  if (pack !== '') {
    for (const slash of ['/', '\\']) {
      const at = file.lastIndexOf(`node_modules${slash}${pack.replace('/', slash)}`);
      if (at >= 0) return file.slice(at + 13);
    }
    return file;
  }
  return root !== '' && file.startsWith(root) && file.length > root.length
    ? file.slice(root.length)
    : file;
}

/** The name of an entry on the screen, with the mark of its tier when tiers are separate. */
export function nameOf(entry: Entry): string {
  if (entry.kind !== 'js' || entry.file === '') return entry.label;
  const name = entry.name || '<anonymous>';
  return entry.label.slice(0, Math.max(0, entry.label.indexOf(name))) + name;
}

/** The place of an entry in the source, in short; empty without a place. */
export function placeOf(entry: Entry, root: string): string {
  if (entry.kind !== 'js' || entry.file === '') return '';
  const file = shortFile(entry.file, entry.package, root);
  return entry.line > 0 ? `${file}:${entry.line}` : file;
}

/** The address that opens a place in Visual Studio Code; null for files that are no absolute path. */
export function editorLink(entry: Entry): string | null {
  const file = entry.file.replace(/^file:\/\//, '');
  // A drive of Windows, or a path from the root. Other schemes and relative paths name no file.
  const path = /^[A-Za-z]:[\\/]/.test(file) ? `/${file.replaceAll('\\', '/')}` : file;
  if (!/^\/[^/]/.test(path) || /[\u0000-\u001f\u007f]/.test(path) || path.length > 2000) return null;
  const place = entry.line > 0 ? `:${entry.line}${entry.column > 0 ? `:${entry.column}` : ''}` : '';
  const encoded = path.split('/').map((part) => encodeURIComponent(part).replaceAll('%3A', ':'));
  return `vscode://file${encoded.join('/')}${place}`;
}

/** The place as `file:line`, which editors open. */
export const sourceOf = (entry: Entry): string =>
  entry.line > 0 ? `${entry.file}:${entry.line}` : entry.file;
