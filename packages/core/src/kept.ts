interface Held<T> {
  key: string;
  opened: Promise<T>;
  /** Those who use it, and the keeper while it keeps it. */
  holders: number;
}

/** Holds what is slow to open, such as a model, between those who use it one after the other: what was opened last. */
export class Kept<T extends object & AsyncDisposable> implements AsyncDisposable {
  #held: Held<T> | undefined;

  /**
   * What stands under a key: what is held, where that is the same key, else what `open` gives, which is held from then on. Whoever
   * disposes of it gives it back; what another key has replaced is closed when nobody uses it any more. What could not be opened is
   * opened anew for whoever comes next.
   */
  async get(key: string, open: () => Promise<T>): Promise<T> {
    const former = this.#held;
    const held = former?.key === key ? former : { key, opened: open(), holders: 1 };
    this.#held = held;
    if (former !== held) leave(former).catch(() => {});
    held.holders++;
    try {
      const opened = await held.opened;
      let left: Promise<void> | undefined;
      return { ...opened, [Symbol.asyncDispose]: () => (left ??= leave(held)) };
    } catch (error) {
      if (this.#held === held) this.#held = undefined;
      throw error;
    }
  }

  /** Closes what is held, once nobody uses it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await leave(held);
  }
}

async function leave<T extends AsyncDisposable>(held: Held<T> | undefined): Promise<void> {
  if (held && --held.holders === 0) await (await held.opened)[Symbol.asyncDispose]();
}
