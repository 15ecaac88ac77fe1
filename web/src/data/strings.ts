/** The strings of a recording. Each is decoded when it is first needed. */
export class Strings {
  private readonly known: (string | undefined)[];
  private readonly starts: Uint32Array;
  private static readonly decoder = new TextDecoder();

  constructor(
    private readonly text: Uint8Array,
    lengths: Uint32Array,
  ) {
    this.known = new Array<string | undefined>(lengths.length);
    this.starts = new Uint32Array(lengths.length + 1);
    for (let i = 0; i < lengths.length; i++) this.starts[i + 1] = this.starts[i]! + lengths[i]!;
  }

  /** The string with that number; the first is the empty one. */
  get(id: number): string {
    let found = this.known[id];
    if (found === undefined) {
      found = Strings.decoder.decode(this.text.subarray(this.starts[id], this.starts[id + 1]));
      this.known[id] = found;
    }
    return found;
  }
}
