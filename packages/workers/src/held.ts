import type { Closable } from "@rag-instruct/core";

/** Things opened one after the other, to be closed in the opposite order. */
export interface Held extends Closable {
  /** Adds what to do at the end. */
  defer(close: () => unknown): void;
  use<T extends Closable>(thing: T): T;
}

/** Node's own AsyncDisposableStack comes with Node 24 only. */
export function holdAll(): Held {
  const closers: (() => unknown)[] = [];
  const held: Held = {
    defer(close) {
      closers.push(close);
    },
    use(thing) {
      closers.push(() => thing.close());
      return thing;
    },
    async close() {
      for (const close of closers.splice(0).reverse()) await close();
    },
    [Symbol.asyncDispose]: () => held.close(),
  };
  return held;
}
