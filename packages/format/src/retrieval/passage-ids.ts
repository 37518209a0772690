import { hashText, type Passage, titledText } from "@rag-instruct/core";

/**
 * Gives each passage of an exported corpus an id that no other has, and a number. Documents of pairs that were made elsewhere need
 * not be in the corpus, and one there may have the same id and another text. Remembers the passages that are told of by `place`,
 * so that memory grows with the documents of the examples, never with the corpus.
 */
export class PassageIds {
  readonly #placed = new Map<string, { hash: string; number: number }>();
  #count = 0;

  /** The place of a passage that a question names. */
  place(passage: Passage): { id: string; number: number; isNew: boolean } {
    const hash = textHash(passage);
    const ids = [passage.id, otherId(passage.id, hash)];
    const id = ids.find((id) => this.#placed.get(id)?.hash === hash) ?? ids.find((id) => !this.#placed.has(id))!;
    const known = this.#placed.get(id);
    if (known) return { id, number: known.number, isNew: false };
    this.#placed.set(id, { hash, number: this.#count });
    return { id, number: this.#count++, isNew: true };
  }

  /** The place of a passage of the corpus; undefined where a question has named it already. */
  placeRest(passage: Passage): { id: string; number: number } | undefined {
    const placed = this.#placed.get(passage.id);
    if (!placed) return { id: passage.id, number: this.#count++ };
    const hash = textHash(passage);
    const id = otherId(passage.id, hash);
    return placed.hash === hash || this.#placed.has(id) ? undefined : { id, number: this.#count++ };
  }
}

function textHash(passage: Passage): string {
  return hashText(titledText(passage));
}

function otherId(id: string, hash: string): string {
  return `${id}@${hash.slice(0, 12)}`;
}
