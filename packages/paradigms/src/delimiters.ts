import { hashOf } from "@rag-instruct/core";

/**
 * A tag name that no text contains, so that a text cannot end its own place in a prompt: `base` itself where it does not
 * occur, else `base` with a suffix that depends on the texts alone.
 */
export function freeTag(base: string, texts: readonly string[]): string {
  const all = texts.join("\n").toLowerCase();
  let tag = base;
  for (let attempt = 0; all.includes(`<${tag}`) || all.includes(`</${tag}`); attempt++) {
    tag = `${base}-${hashOf([texts, attempt]).slice(0, 6)}`;
  }
  return tag;
}
