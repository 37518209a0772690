import type { Pair } from "@rag-instruct/core";
import { type DuplicateRules, openScopes } from "./drop-duplicates.ts";
import { rejectDuplicate, scopeTexts, wholePercent } from "./duplicate.ts";

/** Pairs that are accepted one after another, for sets that grow. */
export interface KnownPairs {
  /** Takes a pair in that is like none before, and gives nothing; else the outcome that names the pair it is like. */
  take(pair: Pair): ReturnType<typeof rejectDuplicate> | undefined;
}

/**
 * What `dropDuplicates` says of pairs of equal quality, said of each as it comes: a pair depends on those before it alone. Memory holds
 * some 700 bytes a pair. Throws `bad-option`.
 */
export function knownPairs(rules: DuplicateRules = {}): KnownPairs {
  const scopes = openScopes(rules, { grows: true });
  const ids: string[] = [];
  return {
    take(pair) {
      const member = ids.push(pair.id) - 1;
      for (const { scope, index } of scopes) index.add(scopeTexts[scope](pair));
      for (const { scope, index } of scopes) {
        const near = index.nearest(member);
        if (!near) continue;
        const duplicate = { of: ids[near.member]!, over: scope, percent: wholePercent(near.similarity) };
        return rejectDuplicate(pair, duplicate, near);
      }
      for (const { index } of scopes) index.keep(member);
      return undefined;
    },
  };
}
