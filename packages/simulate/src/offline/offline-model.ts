import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4GenerateResult } from "@ai-sdk/provider";
import {
  canonicalTokens,
  guessLanguage,
  listText,
  optionLetter,
  RagInstructError,
  type SeededRandom,
  seededRandom,
  type Task,
  tellingTokens,
  wordsOf,
} from "@rag-instruct/core";
import { type Relation, type Reply, tablesIn } from "@rag-instruct/paradigms";
import { z } from "zod";
import { offSubject } from "../check-text/subject.ts";
import { lowerStart, upperStart } from "./clause.ts";
import { comparedFacts } from "./compared-facts.ts";
import type { Fact } from "./fact.ts";
import { knownFacts } from "./general-knowledge.ts";
import { type ReadDocument, readAll } from "./prose.ts";
import { reasonedFacts } from "./reasoned-facts.ts";
import { inText, overviews, statedFacts } from "./stated-facts.ts";

/** Provider and model id of the offline model; everything it makes carries the id. */
export const offlineProvider = "rag-instruct.offline";
export const offlineModelId = "offline-extractive";

const taskSchema = z.object({
  relation: z.object({
    answerStated: z.union([z.boolean(), z.literal("either")]),
    documentsAre: z.enum(["required", "helpful", "useless", "lacking"]),
  }),
  /** Id of the paradigm, for those that ask for more than their relation says. */
  paradigm: z.string().optional(),
  task: z.enum([
    "open",
    "comparison",
    "multi-hop",
    "yes-no",
    "multiple-choice",
    "how-to",
    "summary",
    "list",
    "claim",
    "long-form",
  ]),
  documents: z.array(z.object({ title: z.string(), text: z.string() })).min(1),
  seed: z.string(),
});

/** What the offline model needs to know of its task, in `providerOptions.ragInstruct`. */
export type OfflineTask = z.infer<typeof taskSchema>;

/**
 * A language model that needs no key, no network and no weights: it asks what whole sentences of the documents answer (who, when, how
 * many, what something is, what happens if), reckons with their numbers and dates for support, and takes general knowledge from a list for
 * a document that does not help. Where a passage holds nothing of that kind its reply says so, and the pair is rejected. Deterministic.
 * For trying the flow and for tests; its questions are ones that a person could ask, and no material to train on. It reads its task from
 * `providerOptions.ragInstruct`, never from a prompt.
 */
export function offlineModel(): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: offlineProvider,
    modelId: offlineModelId,
    supportedUrls: {},
    async doGenerate(options) {
      options.abortSignal?.throwIfAborted();
      return freeReply(writeReply(readTask(options)));
    },
    doStream() {
      throw new RagInstructError("bad-option", "the offline model does not stream; use generateText");
    },
  };
}

/** A reply that nobody charges for. */
export function freeReply(text: string): LanguageModelV4GenerateResult {
  return {
    content: [{ type: "text", text }],
    finishReason: { unified: "stop", raw: undefined },
    usage: {
      inputTokens: { total: 0, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: 0, text: undefined, reasoning: undefined },
    },
    warnings: [],
  };
}

function readTask({ providerOptions }: LanguageModelV4CallOptions): OfflineTask {
  const result = taskSchema.safeParse(providerOptions?.ragInstruct);
  if (result.success) return result.data;
  throw new RagInstructError(
    "bad-option",
    "the offline model answers synthesis tasks alone: use it through synthesize()",
  );
}

function writeReply({ relation, paradigm = "", task, documents, seed }: OfflineTask): string {
  const random = seededRandom("offline", seed);
  const further = Object.hasOwn(furtherReplies, paradigm) ? furtherReplies[paradigm] : undefined;
  const reply = further ? further({ task, documents, random }) : offlineReply({ relation, task, documents }, random);
  return reply === undefined ? nothingToAsk : JSON.stringify(reply);
}

/** What it replies where it has no question; not asked again. */
export const nothingToAsk =
  "The documents hold nothing in whole sentences that the offline model can ask about in this form.";

/** What the offline model is to write about. */
interface Wanted {
  relation: Relation;
  task: Task;
  documents: readonly ReadDocument[];
}

/** The pair that the offline model writes; undefined where the documents hold nothing that a person would ask in this form. */
export function offlineReply({ relation, task, documents }: Wanted, random: SeededRandom): Reply | undefined {
  const facts = factsFor(relation, documents, random).filter((fact) => fits(fact, task));
  const best = Math.min(...facts.map(({ plainness = 0 }) => plainness));
  const among = facts.filter(({ plainness = 0 }) => plainness === best);
  return among.length === 0 ? undefined : phrase(random.pick(among), task, random);
}

function factsFor(relation: Relation, documents: readonly ReadDocument[], random: SeededRandom): Fact[] {
  // That a fact is missing no rule knows.
  if (relation.documentsAre === "lacking") return [];
  if (relation.documentsAre === "useless") return unrelatedFacts(documents);
  const readings = readAll(documents);
  if (relation.answerStated === false) return reasonedFacts(readings, random);
  return readings.length === 1 ? statedFacts(readings[0]!, random) : comparedFacts(readings, random);
}

/** General knowledge that has a word in common with documents and is not told by them. */
function unrelatedFacts(documents: readonly ReadDocument[]): Fact[] {
  const text = documents.map(({ title, text }) => `${title}\n${text}`).join("\n");
  if (guessLanguage(text).language !== "en") return [];
  const said = new Set(canonicalTokens(text));
  return knownFacts.flatMap(({ ask, answer, wrong, says, more }) => {
    const shared = tellingTokens(canonicalTokens(ask)).filter(
      (token) => token.length > 3 && said.has(token) && !vague.has(token),
    );
    const told = tellingTokens(canonicalTokens(answer));
    if (shared.length === 0 || offSubject(ask, [text]) || (told.length > 0 && told.every((token) => said.has(token))))
      return [];
    const inside = new Map([answer, ...wrong].map((given) => [upperStart(given), given]));
    return [
      {
        ask,
        answer: upperStart(answer),
        wrong: wrong.map(upperStart),
        claim: (given: string) => says.replace("{}", () => inside.get(given) ?? given),
        more: [more],
        topic: "",
      },
    ];
  });
}

// Words that questions of any subject have, which say nothing of what a document is about.
const vague: ReadonlySet<string> = new Set(
  canonicalTokens(
    "called first last many most number year long take make made give come large best used that which many have name common world country countries between person people other",
  ),
);

// Fewer words are no account; an opening is put before one that has hardly more.
const minLongWords = 14;
const shortAccount = 24;
const maxLongSentences = 6;

function fits({ needsOptions = false, wrong, claim, more, topic }: Fact, task: Task): boolean {
  if (task === "multiple-choice") return wrong.length >= 2;
  if (needsOptions) return false;
  if (task === "claim" || task === "yes-no") return claim !== undefined;
  return (
    task !== "long-form" ||
    (topic !== ""
      ? wordsOf(more.join(" ")).length >= minLongWords
      : claim !== undefined && wordsOf(more.join(" ")).length >= 12)
  );
}

/** Puts a fact into the form of a task. */
function phrase(fact: Fact, task: Task, random: SeededRandom): Reply {
  const { ask, answer, wrong, claim, topic } = fact;
  if (task === "multiple-choice") {
    const options = random.shuffle([answer, ...new Set(wrong)].map((option) => option.replace(/\.$/, "")));
    return { question: ask, options, answer: optionLetter(options.indexOf(answer.replace(/\.$/, ""))) };
  }
  if (task === "yes-no" || task === "claim") {
    const isTrue = wrong.length === 0 || random.next() < 0.5;
    const stated = claim!(isTrue ? answer : random.pick(wrong));
    const [yes, no] = task === "claim" ? ["True", "False"] : ["Yes", "No"];
    const question = task === "claim" ? stated : askIfRight(stated);
    return { question, answer: isTrue ? `${yes}.` : `${no}. ${claim!(answer)}` };
  }
  if (task === "long-form") {
    const isWhole = ask.startsWith("What should I know ");
    const said = claim && !isWhole ? [claim(answer)] : [];
    const told = [...new Set([...said, ...fact.more])].slice(0, maxLongSentences).join(" ");
    const opening =
      topic !== "" && wordsOf(told).length < shortAccount ? `Here is what is known of ${inText(topic)}. ` : "";
    const asked = lowerStart(ask.replace(/^About [^:]+: /, ""));
    if (topic === "") return { question: `Write a short explanation that answers this: ${asked}`, answer: told };
    const also = isWhole ? "." : ` that also answers this: ${asked}`;
    return { question: `Write a detailed account of ${inText(topic)}${also}`, answer: opening + told };
  }
  return { question: ask, answer };
}

/** Whether a statement, or several, are right. */
function askIfRight(stated: string): string {
  const statements = stated.replace(/\.$/, "").split(/(?<=[\p{L}\p{N}`)%])\. (?=\p{Lu})/u);
  return `Is ${statements.length > 1 ? "all of this" : "this"} right: ${statements.join("; ")}?`;
}

/** What a paradigm beyond the five is written from. */
interface Material {
  task: Task;
  documents: readonly ReadDocument[];
  random: SeededRandom;
}

/** A reply with the paradigm's own fields. */
export type FurtherReply = Reply & Record<string, string | string[] | undefined>;

/** How the offline model writes pairs of the paradigms beyond the five; that a fact is missing it cannot know, and says so. */
const furtherReplies: Readonly<Record<string, (material: Material) => FurtherReply | undefined>> = {
  unanswerable: () => undefined,
  "conflicting-docs": ({ documents, random }) => {
    // What is asked of both, whatever each page is called; an overview of either is no point of both.
    const [one = [], other = []] = readAll(documents).map((reading) =>
      statedFacts(reading, random)
        .filter(({ plainness, answer }) => plainness !== 2 && /\d/.test(answer))
        .map(({ ask, answer }) => ({ ask: upperStart(ask.replace(/^About [^:]{1,80}: /, "")), answer })),
    );
    const said = new Map(other.map(({ ask, answer }) => [ask, answer]));
    const found = one.find(({ ask, answer }) => said.has(ask) && said.get(ask) !== answer);
    if (!found) return undefined;
    const [first = "", second = ""] = [found.answer, said.get(found.ask)!].map((text) =>
      lowerStart(text.replace(/\.$/, "")),
    );
    return { first, second, question: found.ask, answer: `Accounts differ: one says ${first}, the other ${second}.` };
  },
  "cited-answer": ({ task, documents, random }) => {
    if (task !== "open" && task !== "summary" && task !== "list" && task !== "long-form") return undefined;
    const proses = readAll(documents).map(({ prose }) => prose);
    const [whole] = overviews(proses, random);
    if (!whole || new Set(proses.map(({ opening }) => opening[0])).size < proses.length) return undefined;
    const answer = proses
      .map(({ opening }, i) => opening[0]!.replace(/[.!]$/, (stop) => ` [${i + 1}]${stop}`))
      .join(" ");
    return { question: whole.ask, answer };
  },
  "table-answer": ({ task, documents, random }) => {
    const tables = documents.flatMap(({ text }) => tablesIn(text)).filter(({ header }) => header.length > 0);
    const cells = tables.flatMap(({ header, rows }) =>
      header.slice(1).flatMap(({ text: name }, i) =>
        rows.flatMap((row) => {
          const [label, cell] = [row[0]!.text, row[i + 1]?.text];
          return label && cell && name && /\p{L}{2}/u.test(label) ? [{ name: lowerStart(name), label, cell }] : [];
        }),
      ),
    );
    if (cells.length === 0) return undefined;
    const chosen = random.pick(cells);
    const beside = cells.find(({ name, label }) => name === chosen.name && label !== chosen.label);
    const asked = task === "open" || !beside ? [chosen] : [chosen, beside];
    const told = listText(asked.map(({ label, cell }) => (asked.length > 1 ? `${cell} for ${label}` : cell)));
    const names = listText(asked.map(({ label }) => label));
    return {
      cells: told,
      question: `What is the ${chosen.name} of ${names}?`,
      answer: `The ${chosen.name} is ${told}.`,
    };
  },
};
