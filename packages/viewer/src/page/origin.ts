import type { ShownExemplar, ShownPassage } from "../shape.ts";
import { element, foreign, outline } from "./elements.ts";
import type { Filter } from "./index-of-examples.ts";
import type { Records } from "./records.ts";

/** The passage or exemplar that a list is about, shown above it. */
export async function originOf({ passage, exemplar }: Filter, records: Records): Promise<HTMLElement | undefined> {
  const { counts } = records.meta;
  if (passage !== undefined && passage < counts.passages) {
    const { id, title, text, metadata } = await records.get<ShownPassage>("passages", passage);
    return element(
      "aside",
      { class: "origin", "aria-label": "Passage" },
      element("h2", {}, "Passage: ", foreign(title || "untitled")),
      element("p", { class: "passage", tabindex: "0" }, foreign(text)),
      metadata && Object.keys(metadata).length > 0 ? outline(metadata) : undefined,
      element("p", { class: "quiet" }, "Id ", foreign(id), ". Below: what was written from it."),
    );
  }
  if (exemplar === undefined || exemplar >= counts.exemplars) return undefined;
  const { id, question, source, task, options } = await records.get<ShownExemplar>("exemplars", exemplar);
  return element(
    "aside",
    { class: "origin", "aria-label": "Exemplar" },
    element("h2", {}, "Exemplar"),
    element("p", { class: "passage", tabindex: "0" }, foreign([question, ...(options ?? [])].join("\n"))),
    element("p", { class: "quiet" }, foreign(`${task}, from ${source}, ${id}`), ". Below: what was written after it."),
  );
}
