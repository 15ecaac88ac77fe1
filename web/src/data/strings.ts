/** The strings of a recording. Each is decoded when it is first needed. */
export class Strings {
  private readonly known: (string | undefined)[];
  private readonly starts: Uint32Array;
  private static readonly decoder = new TextDecoder();
  /** The bytes of all strings, a letter each: most strings are ASCII, and parts of it. */
  private readonly letters: string;

  constructor(
    private readonly text: Uint8Array,
    lengths: Uint32Array,
  ) {
    this.known = new Array<string | undefined>(lengths.length);
    this.letters = new TextDecoder('latin1').decode(text);
    this.starts = new Uint32Array(lengths.length + 1);
    for (let i = 0; i < lengths.length; i++) this.starts[i + 1] = this.starts[i]! + lengths[i]!;
  }

  /** The string with that number; the first is the empty one. */
  get(id: number): string {
    let found = this.known[id];
    if (found === undefined) {
      const [start, end] = [this.starts[id]!, this.starts[id + 1]!];
      found = this.letters.slice(start, end);
      if (!ASCII.test(found)) found = Strings.decoder.decode(this.text.subarray(start, end));
      this.known[id] = found;
    }
    return found;
  }
}

// eslint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;
