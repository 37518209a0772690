/** Texts in one growing buffer of UTF-8: a million short ids take a few bytes each, where strings take forty. */
export class TextColumn {
  #bytes = Buffer.alloc(1 << 12);
  #ends = new Uint32Array(1 << 8);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(text: string): void {
    const start = this.#startOf(this.#length);
    const most = start + text.length * 3;
    if (most > this.#bytes.length) {
      const wider = Buffer.alloc(Math.max(most, this.#bytes.length * 2));
      this.#bytes.copy(wider, 0, 0, start);
      this.#bytes = wider;
    }
    if (this.#length === this.#ends.length) {
      const longer = new Uint32Array(this.#length * 2);
      longer.set(this.#ends);
      this.#ends = longer;
    }
    this.#ends[this.#length++] = start + this.#bytes.write(text, start);
  }

  at(row: number): string {
    return this.#bytes.toString("utf8", this.#startOf(row), this.#ends[row]);
  }

  *[Symbol.iterator](): Generator<string> {
    for (let row = 0; row < this.#length; row++) yield this.at(row);
  }

  #startOf(row: number): number {
    return row === 0 ? 0 : this.#ends[row - 1]!;
  }
}
