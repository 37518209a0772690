import type { Ledger, LedgerEntry } from "./ledger.ts";

/**
 * A ledger that lives as long as it is held: for tests, trials, and calls whose replies nobody needs in another process. Calls that
 * share one pay for the same request once.
 */
export function memoryLedger(): Ledger {
  // As JSON, so that a reply comes back just as it would from a file.
  const lines: string[] = [];
  const places = new Map<string, number>();
  const read = (line: string) => JSON.parse(line) as LedgerEntry;
  const ledger: Ledger = {
    get size() {
      return places.size;
    },
    has: (key) => places.has(key),
    async get(key) {
      const place = places.get(key);
      return place === undefined ? undefined : read(lines[place]!);
    },
    async add(entry) {
      places.set(entry.key, lines.push(JSON.stringify(entry)) - 1);
    },
    sync: async () => {},
    async heads(visit) {
      for (const line of lines) {
        const { value: _, ...head } = read(line);
        visit(head);
      }
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return ledger;
}
