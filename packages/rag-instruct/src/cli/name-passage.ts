import type { Passage } from "@rag-instruct/core";

/** A passage in a line for people: its title, and the file that it comes from, or its id where no file is known. */
export function namePassage({ id, title, metadata }: Passage): string {
  const place = typeof metadata?.source === "string" ? metadata.source : id;
  return title ? `${title}  (${place})` : place;
}
