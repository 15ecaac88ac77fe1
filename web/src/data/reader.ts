/** Reads unsigned LEB128 numbers, one column after the other. */
export class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Reads one number. It is exact up to 2^53. */
  number(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new Error('the data of this page are cut off');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** Reads a column of numbers below 2^32. */
  column(length: number): Uint32Array {
    const values = new Uint32Array(length);
    const bytes = this.bytes;
    let at = this.at;
    for (let i = 0; i < length; i++) {
      let byte = bytes[at++]!;
      let value = byte & 0x7f;
      for (let shift = 7; byte >= 0x80; shift += 7) {
        byte = bytes[at++]!;
        value |= (byte & 0x7f) << shift;
      }
      values[i] = value;
    }
    if (at > bytes.length) throw new Error('the data of this page are cut off');
    this.at = at;
    return values;
  }

  /** Reads a column of differences. Each number is the one before plus the stored difference. */
  sums(length: number): Float64Array {
    const values = new Float64Array(length);
    let sum = 0;
    const bytes = this.bytes;
    let at = this.at;
    for (let i = 0; i < length; i++) {
      // Most steps are below 2^14.
      const low = bytes[at]!;
      const high = bytes[at + 1]!;
      if (low < 0x80) {
        sum += low;
        at += 1;
      } else if (high < 0x80) {
        sum += (low & 0x7f) + high * 128;
        at += 2;
      } else {
        this.at = at;
        sum += this.number();
        at = this.at;
      }
      values[i] = sum;
    }
    this.at = at;
    return values;
  }

  /** Reads a column of numbers that may be larger than 2^32. */
  wide(length: number): Float64Array {
    const values = new Float64Array(length);
    for (let i = 0; i < length; i++) values[i] = this.number();
    return values;
  }

  /** Reads a column of numbers below 256. */
  small(length: number): Uint8Array {
    return Uint8Array.from(this.column(length));
  }

  /** Takes a number of bytes unchanged. */
  take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw new Error('the data of this page are cut off');
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }
}
