import type { Value } from "./pickle-values.ts";
import { TextColumn } from "./text-column.ts";

const placesInPage = 1 << 16;

/** What a pickle may refer to again, by number. Texts lie in a column: Python remembers each of a million ids. */
export class PickleMemo {
  readonly #texts = new TextColumn();
  readonly #others: Value[] = [];
  /** Row of a text, or -1 - place of another value. */
  readonly #places: Int32Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** False for a number that leaps: picklers count. */
  put(index: number, value: Value): boolean {
    if (index > this.#length) return false;
    if (index === this.#places.length * placesInPage) this.#places.push(new Int32Array(placesInPage));
    this.#places[Math.floor(index / placesInPage)]![index % placesInPage] = this.#keep(value);
    this.#length = Math.max(this.#length, index + 1);
    return true;
  }

  get(index: number): Value | undefined {
    if (index >= this.#length) return undefined;
    const place = this.#places[Math.floor(index / placesInPage)]![index % placesInPage]!;
    return place < 0 ? this.#others[-1 - place] : this.#texts.at(place);
  }

  #keep(value: Value): number {
    if (typeof value !== "string") return -this.#others.push(value);
    this.#texts.push(value);
    return this.#texts.length - 1;
  }
}
