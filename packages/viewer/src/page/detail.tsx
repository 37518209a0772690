import type { ShownExample, ShownExemplar, ShownPassage } from "../shape.ts";
import { Foreign, Outline } from "./components/foreign.tsx";
import type { ReadDocument, ReadPair } from "./components/pair.tsx";
import type { Records } from "./records.ts";
import { type Filter, hrefOf } from "./route.ts";

/** One example of a report with all that led there, as the components read it, and where all of its exemplar is shown. */
export async function readExample(
  number: number,
  records: Records,
): Promise<{ pair: ReadPair; exemplarHref: string | undefined }> {
  const { documents, sources, exemplar, instructions, prompt, ...example } = await records.get<ShownExample>(
    "examples",
    number,
  );
  const passages = await Promise.all(documents.map(({ passage }) => records.get<ShownPassage>("passages", passage)));
  const fixed = instructions === undefined ? "" : records.meta.instructions[instructions]!;
  const shown = documents.map(({ passage, role, rank, relaxed }, i): ReadDocument => {
    const place = role === "source" ? sources.indexOf(passage) : -1;
    return {
      ...passages[i]!,
      role,
      rank,
      relaxed,
      number: place < 0 ? undefined : place + 1,
      href: hrefOf({ view: "examples", filter: { text: "", passage }, page: 0 }),
    };
  });
  const pair = {
    ...example,
    documents: shown,
    exemplar: exemplar < 0 ? undefined : await records.get<ShownExemplar>("exemplars", exemplar),
    prompt: [fixed, prompt ?? ""].filter(Boolean).join("\n\n"),
  };
  const exemplarHref = pair.exemplar && hrefOf({ view: "examples", filter: { text: "", exemplar }, page: 0 });
  return { pair, exemplarHref };
}

/** What a list is narrowed to: a passage or an exemplar; undefined where it is neither. */
export async function originOf(filter: Filter, records: Records) {
  const { passage, exemplar } = filter;
  const { counts } = records.meta;
  if (passage !== undefined && passage < counts.passages) {
    const { id, title, text, metadata } = await records.get<ShownPassage>("passages", passage);
    return (
      <aside class="origin" aria-label="Passage">
        <h2>
          Passage: <Foreign text={title || "untitled"} />
        </h2>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
        <p class="passage" tabIndex={0}>
          <Foreign text={text} />
        </p>
        {metadata && Object.keys(metadata).length > 0 && <Outline value={metadata} />}
        <p class="quiet">
          Id <Foreign text={id} />. Below: what was written from it.
        </p>
      </aside>
    );
  }
  if (exemplar === undefined || exemplar >= counts.exemplars) return undefined;
  const { id, question, source, task, options } = await records.get<ShownExemplar>("exemplars", exemplar);
  return (
    <aside class="origin" aria-label="Exemplar">
      <h2>Exemplar</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <p class="passage" tabIndex={0}>
        <Foreign text={[question, ...(options ?? [])].join("\n")} />
      </p>
      <p class="quiet">
        <Foreign text={`${task}, from ${source}, ${id}`} />. Below: what was written after it.
      </p>
    </aside>
  );
}
