import { RagInstructError } from "./errors.ts";
import type { PassageStore } from "./plug-points.ts";
import type { Passage } from "./types.ts";

/** Where passages are read from: a store, or simply a list of them. */
export type PassageSource<Store = PassageStore> = Store | readonly Passage[];

/**
 * A store over passages in memory. Throws `duplicate-id` where two of them have the same id.
 * @example
 * const store = memoryPassages([{ id: "1", title: "Bridges", text: "The harbour bridge was opened in 1932." }]);
 * await store.get(["1"]);
 */
export function memoryPassages(passages: readonly Passage[]): PassageStore {
  const byId = new Map<string, Passage>();
  for (const passage of passages) {
    if (byId.has(passage.id)) throw new RagInstructError("duplicate-id", `passage id ${passage.id} occurs twice`);
    byId.set(passage.id, passage);
  }
  return {
    size: byId.size,
    async get(ids) {
      const missing = ids.filter((id) => !byId.has(id));
      if (missing.length > 0) throw passagesMissing(missing);
      return ids.map((id) => byId.get(id)!);
    },
    async *all() {
      yield* byId.values();
    },
  };
}

/** The store itself, or one over the list, as {@link memoryPassages} makes it. */
export function passageStoreOf<Store extends Pick<PassageStore, "get"> = PassageStore>(
  source: PassageSource<Store>,
): Store | PassageStore {
  return "get" in source ? source : memoryPassages(source);
}

const maxNamed = 5;

function passagesMissing(ids: readonly string[]): RagInstructError {
  const more = ids.length > maxNamed ? ` and ${ids.length - maxNamed} more` : "";
  const named = ids.slice(0, maxNamed).join(", ");
  return new RagInstructError("passage-missing", `there is no passage with the id ${named}${more}`);
}
