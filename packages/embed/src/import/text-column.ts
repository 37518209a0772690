/** Rows whose texts lie in one buffer. Columns grow by such parts, since to grow by copying takes three times the memory for a while. */
const rowsInPart = 1 << 16;

interface Part {
  bytes: Buffer;
  /** Where the text of each row ends. */
  ends: Uint32Array;
}

/** Texts in buffers of UTF-8: a million short ids take a few bytes each, where strings take forty. */
export class TextColumn {
  readonly #full: Part[] = [];
  /** Takes the texts of the part that is not full, one part after the other. */
  #bytes = Buffer.alloc(1 << 12);
  #ends = new Uint32Array(1 << 8);
  #rows = 0;

  get length(): number {
    return this.#full.length * rowsInPart + this.#rows;
  }

  push(text: string): void {
    const start = startOf(this.#ends, this.#rows);
    const most = start + text.length * 3;
    if (most > this.#bytes.length) {
      const wider = Buffer.alloc(Math.max(most, this.#bytes.length * 2));
      this.#bytes.copy(wider, 0, 0, start);
      this.#bytes = wider;
    }
    if (this.#rows === this.#ends.length) {
      const longer = new Uint32Array(this.#rows * 2);
      longer.set(this.#ends);
      this.#ends = longer;
    }
    this.#ends[this.#rows++] = start + this.#bytes.write(text, start);
    if (this.#rows === rowsInPart) this.#closePart();
  }

  at(row: number): string {
    const { bytes, ends } = this.#full[Math.floor(row / rowsInPart)] ?? { bytes: this.#bytes, ends: this.#ends };
    const place = row % rowsInPart;
    return bytes.toString("utf8", startOf(ends, place), ends[place]);
  }

  *[Symbol.iterator](): Generator<string> {
    for (let row = 0; row < this.length; row++) yield this.at(row);
  }

  #closePart(): void {
    const end = this.#ends.at(-1);
    this.#full.push({ bytes: Buffer.from(this.#bytes.subarray(0, end)), ends: this.#ends });
    this.#ends = new Uint32Array(rowsInPart);
    this.#rows = 0;
  }
}

function startOf(ends: Uint32Array, row: number): number {
  return row === 0 ? 0 : ends[row - 1]!;
}
