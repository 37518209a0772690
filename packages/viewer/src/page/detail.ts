import type { ShownDocument, ShownExample, ShownExemplar, ShownPassage } from "../shape.ts";
import { element, foreign, outline } from "./elements.ts";
import { findSpans } from "./find-spans.ts";
import type { Records } from "./records.ts";
import { type Filter, hrefOf } from "./route.ts";

/** One example with all that led there. */
export async function exampleDetail(number: number, records: Records): Promise<HTMLElement[]> {
  const example = await records.get<ShownExample>("examples", number);
  const passages = await Promise.all(
    example.documents.map(({ passage }) => records.get<ShownPassage>("passages", passage)),
  );
  const exemplar = example.exemplar < 0 ? undefined : await records.get<ShownExemplar>("exemplars", example.exemplar);
  const instructions = example.instructions === undefined ? "" : records.meta.instructions[example.instructions]!;
  return [
    element("p", { class: "facts" }, ...facts(example)),
    element("h2", { id: "detail-heading", tabindex: "-1" }, foreign(example.question || "The reply holds no question")),
    ...optionsOf(example),
    ...answerOf(example),
    ...whyNot(example),
    ...(passages.length > 0 ? documentsOf(example, passages) : []),
    ...(exemplar ? exemplarOf(exemplar, example.exemplar) : []),
    ...(example.evidence ? [element("h3", {}, "What the checks found"), outline(example.evidence)] : []),
    ...folded("The prompt", [instructions, example.prompt ?? ""].filter(Boolean).join("\n\n")),
    ...folded("The model's raw reply", example.reply ?? ""),
    element(
      "p",
      { class: "quiet" },
      "Id ",
      foreign(example.id),
      ...(example.model ? [" · written by ", foreign(example.model)] : []),
    ),
  ];
}

function facts({ verdict, paradigm, reason }: ShownExample): HTMLElement[] {
  return [
    element("span", { class: `verdict ${verdict}` }, verdict),
    element("span", { class: "tag" }, foreign(paradigm)),
    ...(reason ? [element("span", { class: "tag" }, foreign(reason))] : []),
  ];
}

function optionsOf({ options, answer }: ShownExample): HTMLElement[] {
  if (!options?.length) return [];
  const items = options.map((option, i) => {
    const letter = String.fromCharCode(65 + i);
    const right = letter === answer;
    return element(
      "li",
      right ? { class: "right" } : {},
      foreign(option),
      right ? element("span", { class: "tag" }, "the answer") : undefined,
    );
  });
  return [element("ol", { class: "options", type: "A" }, items)];
}

function answerOf({ answer }: ShownExample): HTMLElement[] {
  return answer
    ? [element("div", { class: "given" }, element("h3", {}, "Answer"), element("p", {}, foreign(answer)))]
    : [];
}

const outcomes = {
  rejected: "Rejected",
  failed: "The call failed",
  unassembled: "Left out of the training data",
};

function whyNot({ verdict, reason, detail }: ShownExample): HTMLElement[] {
  if (verdict === "accepted") return [];
  return [
    element(
      "p",
      { class: "why" },
      element("strong", {}, outcomes[verdict]),
      reason ? ": " : undefined,
      reason ? foreign(reason) : undefined,
      detail ? ". " : undefined,
      detail ? foreign(detail) : undefined,
    ),
  ];
}

function documentsHeading({ documents }: ShownExample): string {
  const sources = documents.filter(({ role }) => role === "source").length;
  const plural = documents.length === 1 ? "document" : "documents";
  const noise = documents.length - sources;
  return noise > 0
    ? `${documents.length} ${plural}: ${sources} source, ${noise} noise`
    : `${documents.length} source ${plural}`;
}

function documentsOf(example: ShownExample, passages: readonly ShownPassage[]): HTMLElement[] {
  const items = example.documents.map((document, i) => documentItem(document, passages[i]!, example));
  const hasNoise = example.documents.some(({ role }) => role === "noise");
  const how = hasNoise ? "In the order of training. " : "";
  return [
    element("h3", {}, documentsHeading(example)),
    element(
      "p",
      { class: "quiet" },
      `${how}Sources have the numbers by which the prompt, the reply and the checks count them.`,
    ),
    element("ol", { class: "documents" }, items),
  ];
}

function documentItem(document: ShownDocument, { id, title, text }: ShownPassage, example: ShownExample): HTMLElement {
  const { passage, role, rank, relaxed } = document;
  const number = role === "source" ? example.sources.indexOf(passage) + 1 : 0;
  const spans =
    role === "source" ? findSpans(text, { quotes: quotesOf(example, passage), answer: answerText(example) }) : [];
  const summary = element(
    "summary",
    {},
    element("span", { class: `role ${role}` }, number > 0 ? `${role} ${number}` : role),
    element("span", { class: "document-title" }, foreign(title || "untitled")),
    element("span", { class: "quiet" }, rank === undefined ? "" : `rank ${rank}`, relaxed ? ` (${relaxed})` : ""),
  );
  const link = element(
    "a",
    { href: hrefOf({ view: "examples", filter: { text: "", passage }, page: 0 }) },
    "Everything written from this passage",
  );
  const body = element("p", { class: "passage" }, foreign(text, spans));
  const foot = element("p", { class: "quiet" }, "Passage ", foreign(id), " · ", link);
  return element("li", { class: role }, element("details", { open: role !== "noise" }, summary, body, foot));
}

/** What a judge quoted from a passage, where its verdict was kept. */
function quotesOf({ evidence, sources }: ShownExample, passage: number): string[] {
  const judge = evidence?.judge as { quotes?: unknown } | undefined;
  if (!Array.isArray(judge?.quotes)) return [];
  return judge.quotes
    .filter((quote) => sources[Number(quote?.document) - 1] === passage && typeof quote?.text === "string")
    .map((quote) => quote.text as string);
}

function answerText({ answer, options }: ShownExample): string {
  return options?.[answer.charCodeAt(0) - 65] ?? answer;
}

function exemplarOf({ id, question, source, task, options }: ShownExemplar, number: number): HTMLElement[] {
  const href = hrefOf({ view: "examples", filter: { text: "", exemplar: number }, page: 0 });
  return [
    element("h3", {}, "The exemplar it imitates"),
    element("blockquote", {}, foreign([question, ...(options ?? [])].join("\n"))),
    element(
      "p",
      { class: "quiet" },
      foreign(`${task}, from ${source}, ${id}`),
      " · ",
      element("a", { href }, "Everything written after this exemplar"),
    ),
  ];
}

function folded(title: string, text: string): HTMLElement[] {
  if (!text) return [];
  return [element("details", { class: "raw" }, element("summary", {}, title), element("pre", {}, foreign(text)))];
}

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
