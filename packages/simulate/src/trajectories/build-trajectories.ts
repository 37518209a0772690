import {
  guessLanguage,
  type OnProgress,
  type Outcome,
  type Pair,
  type Passage,
  plainAnswer,
  type Retriever,
  type ScoredPassage,
  type SearchStep,
  type SearchTrajectory,
  type Source,
  standaloneQuestion,
  tellingSentence,
  titledText,
} from "@rag-instruct/core";
import { allParadigms, type Paradigm } from "@rag-instruct/paradigms";
import type { VerifyEvidence } from "../verify/verify.ts";
import {
  type Asked,
  bridgedQueries,
  clauseQueries,
  partQueries,
  type Query,
  type Sought,
  shorterQueries,
  wordQueries,
} from "./queries.ts";
import { placedWords, tokensOf } from "./words-in-place.ts";

/** Why a pair has no chain of searches. */
export type TrajectoryRejection = "one-document" | "unproved" | "not-found" | "not-replayed";

/** Options of {@link buildTrajectories}. */
export interface TrajectoryOptions {
  pairs: Source<Pair>;
  /** Searches the corpus of the pairs. */
  retriever: Retriever;
  /** Results of a search that are shown. @default 3, as Search-R1 shows (Jin et al. 2025) */
  results?: number;
  /** Whether the word of a paradigm is enough that each document is needed, without a proof. @default false */
  unproved?: boolean;
  /** The paradigms there are. @default the method's five and the further ones */
  paradigms?: Readonly<Record<string, Paradigm>>;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Makes of each pair that needs several documents a chain of searches that shows every one of them. Which are needed is what the proof
 * has found by leaving each out. Queries are parts of the question in their order, and terms that join what an earlier result says to
 * what the document sought says; nothing else may stand in them, and nothing that does not help to show the document. Every chain is replayed, search by search, before it is accepted. The
 * question of a later turn is asked as it is understood alone, and an answer cites nothing, since results have no numbers. One outcome
 * a pair, in order. Asks no model.
 */
export async function* buildTrajectories(
  options: TrajectoryOptions,
): AsyncGenerator<Outcome<SearchTrajectory, Pair, TrajectoryRejection>> {
  const { pairs, unproved = false, signal, onProgress } = options;
  const paradigms: Readonly<Record<string, Paradigm>> = options.paradigms ?? allParadigms;
  let done = 0;
  for await (const given of pairs) {
    signal?.throwIfAborted();
    const pair: Pair = { ...given, question: standaloneQuestion(given), answer: plainAnswer(given) };
    const reject = (reason: TrajectoryRejection, detail: string) =>
      ({ status: "rejected", id: given.id, input: given, reason, detail }) as const;
    const isRequired = paradigms[pair.paradigm]?.relation.documentsAre === "required";
    const { needed, isProved } = neededDocuments(pair);
    if (!isRequired || needed.length < 2)
      yield reject("one-document", `${pair.paradigm}: fewer than two documents are needed`);
    else if (!isProved && !unproved) yield reject("unproved", "no proof has left each document out");
    else {
      const chain = await findChain(pair, { ...options, needed });
      const fault = Array.isArray(chain)
        ? await replayFault({ ...pair, needed: idsOf(needed), steps: chain }, options)
        : undefined;
      if (!Array.isArray(chain))
        yield reject("not-found", `no query shows “${chain.missing.title || chain.missing.id}”`);
      else if (fault) yield reject("not-replayed", fault);
      else yield { status: "accepted", id: pair.id, value: trajectoryOf(pair, { needed, isProved, steps: chain }) };
    }
    onProgress?.({ stage: "trajectories", done: ++done });
  }
}

/** The documents without any one of which a reader did not find the answer; without a proof all of them. */
function neededDocuments({ documents, edited, evidence = {} }: Pair): { needed: Passage[]; isProved: boolean } {
  const { proof } = evidence as Partial<VerifyEvidence>;
  const without = (number: number) =>
    proof?.answers.find(({ shown }) => shown.length === documents.length - 1 && !shown.includes(number));
  // What was proved of a text says nothing of another.
  const isProved = !edited && proof !== undefined && documents.every((_, i) => without(i + 1));
  return {
    needed: isProved ? documents.filter((_, i) => without(i + 1)!.likeness !== "same") : documents,
    isProved,
  };
}

type Search = Pick<TrajectoryOptions, "retriever" | "results" | "signal">;

/**
 * Steps that show all needed documents, by the parts of the question in their order where these find any; else the first that nothing
 * shows. What a step brings is of use to all later ones, so that a document that can be reached is reached in any order.
 */
async function findChain(
  pair: Pair,
  { needed, ...search }: Search & { needed: readonly Passage[] },
): Promise<SearchStep[] | { missing: Passage }> {
  const asked = askedOf(pair);
  const sought = needed.map((passage) => soughtOf(passage, pair));
  const known = tokensOf(asked.question, asked.language);
  const used = new Set<number>();
  const steps: SearchStep[] = [];
  let missing = sought;
  while (missing.length > 0) {
    const seen = sought.filter((one) => !missing.includes(one));
    const best = await bestQuery({ asked, missing, seen, used }, search);
    if (!best) return { missing: missing[0]!.passage };
    const { query, results } = best;
    const isShown = ({ passage }: Sought) => results.some((result) => result.passage.id === passage.id);
    const found = missing.filter(isShown);
    missing = missing.filter((one) => !isShown(one));
    used.add(query.position);
    const bridge = placedWords(query.text, asked.language)
      .filter(({ token }) => !known.has(token))
      .map(({ start, end }) => query.text.slice(start, end));
    steps.push({ query: query.text, results, found: found.map(({ passage }) => passage.id), learned: [], bridge });
  }
  return steps.map((step, i) => {
    const used = steps.slice(i + 1).flatMap(({ bridge }) => bridge);
    const found = needed.filter(({ id }) => step.found.includes(id));
    return { ...step, learned: found.map((passage) => learnedFrom(passage, { pair, used })) };
  });
}

interface Stand {
  asked: Asked;
  missing: readonly Sought[];
  seen: readonly Sought[];
  /** Where in the question the parts stand that were looked for. */
  used: ReadonlySet<number>;
}

/**
 * The best of the first kind of query of which one shows its document: by clauses, by other parts of the question, by what any passage
 * shown has, by single words. Of one clause a query with a term that was learned comes first, where it ranks the document no worse.
 */
async function bestQuery({ asked, missing, seen, used }: Stand, search: Search): Promise<Hit | undefined> {
  const learned = seen.map(({ said }) => said);
  const shown = seen.map(({ text }) => text);
  const kinds = [
    (one: Sought) => clauseQueries(asked, one, learned),
    (one: Sought) => partQueries(asked, one),
    (one: Sought) => bridgedQueries(asked, one, shown),
    (one: Sought) => wordQueries(asked, one),
  ];
  for (const queriesFor of kinds) {
    const hits = await queriesThatShow(missing.flatMap(queriesFor), search);
    const isUsed = ({ query }: Hit) => Number(used.has(query.position));
    const [best] = withoutWorse(hits).sort(
      (a, b) =>
        isUsed(a) - isUsed(b) ||
        a.query.position - b.query.position ||
        Number(b.query.terms.length > 0) - Number(a.query.terms.length > 0) ||
        b.query.quality - a.query.quality ||
        a.rank - b.rank,
    );
    if (best) return withoutSurplus(best, { asked, missing }, search);
  }
  return undefined;
}

/**
 * The same search without what does nothing in it: a term of an earlier result where the question has the document's title, else words
 * beside the term, where its document is ranked no worse without them. What it showed is still shown.
 */
async function withoutSurplus(
  hit: Hit,
  { asked, missing }: Pick<Stand, "asked" | "missing">,
  search: Search,
): Promise<Hit> {
  const sought = missing.find(({ passage }) => passage === hit.query.target)!;
  const isShown = ({ results }: Hit, id: string) => results.some(({ passage }) => passage.id === id);
  const found = missing.map(({ passage }) => passage.id).filter((id) => isShown(hit, id));
  const hits = await queriesThatShow(shorterQueries(asked, sought, hit.query), search);
  const isAsGood = (one: Hit) => one.query.terms.length === 0 || one.rank <= hit.rank;
  return hits.find((one) => isAsGood(one) && found.every((id) => isShown(one, id))) ?? hit;
}

/** A query that shows its document. */
interface Hit {
  query: Query;
  results: ScoredPassage[];
  rank: number;
}

/** Without queries whose terms bring a document no nearer than the same part of the question does without them. */
function withoutWorse(hits: readonly Hit[]): Hit[] {
  const plain = hits.filter(({ query }) => query.terms.length === 0);
  return hits.filter(
    ({ query: { terms, target, position }, rank }) =>
      terms.length === 0 ||
      !plain.some(({ query, rank: best }) => query.target === target && query.position === position && best < rank),
  );
}

async function queriesThatShow(queries: readonly Query[], { retriever, results = 3, signal }: Search): Promise<Hit[]> {
  if (queries.length === 0) return [];
  const texts = queries.map(({ text }) => text);
  const rankings = await retriever.retrieve(texts, { limit: results, signal });
  return queries.flatMap((query, i) => {
    const rank = rankings[i]!.find(({ passage }) => passage.id === query.target.id)?.rank;
    return rank === undefined ? [] : [{ query, results: rankings[i]!, rank }];
  });
}

function soughtOf(passage: Passage, pair: Pair): Sought {
  const text = titledText(passage);
  const quotes = quotesOf(passage, pair);
  return { passage, text, said: quotes.length > 0 ? [passage.title, ...quotes].join("\n") : text };
}

/** What a judge has quoted of a document, letter for letter. */
function quotesOf(passage: Passage, { documents, evidence = {} }: Pair): string[] {
  const { judge } = evidence as Partial<VerifyEvidence>;
  const number = documents.indexOf(passage) + 1;
  const quotes = (judge?.quotes ?? []).filter(({ document }) => document === number).map(({ text }) => text);
  return quotes.filter((quote) => passage.text.includes(quote));
}

/** A judge's quotes, else the sentence that shares most words with question, answer and what later queries have taken from results. */
function learnedFrom(passage: Passage, { pair, used }: { pair: Pair; used: readonly string[] }): string {
  const quotes = quotesOf(passage, pair);
  if (quotes.length > 0) return quotes.join(" … ");
  return tellingSentence(passage.text, [pair.question, pair.answer, ...used].join(" ")) ?? passage.text;
}

/**
 * Searches a chain once more, one query after the other. Gives what is wrong with it, in words: a document that its search does not
 * show, one that no search shows, or words of a query that neither the question nor an earlier result has; undefined where all holds.
 */
export async function replayFault(
  chain: Pick<SearchTrajectory, "question" | "answer" | "needed" | "steps">,
  { retriever, results = 3, signal }: Search,
): Promise<string | undefined> {
  const { question, language } = askedOf(chain);
  const known = tokensOf(question, language);
  const missing = new Set(chain.needed);
  for (const [i, { query, found }] of chain.steps.entries()) {
    const foreign = placedWords(query, language).find(({ token }) => !known.has(token));
    if (foreign)
      return `search ${i + 1}: neither the question nor an earlier result has “${query.slice(foreign.start, foreign.end)}”`;
    const [shown = []] = await retriever.retrieve([query], { limit: results, signal });
    const lost = found.find((id) => !shown.some(({ passage }) => passage.id === id));
    if (lost !== undefined || found.length === 0)
      return `search ${i + 1}: “${query}” does not show ${lost ?? "anything needed"}`;
    for (const id of found) missing.delete(id);
    for (const { passage } of shown) for (const token of tokensOf(titledText(passage), language)) known.add(token);
  }
  const [unseen] = missing;
  return unseen === undefined ? undefined : `no search shows ${unseen}`;
}

/** Choices are no part of what is looked for: one of them is the answer. */
function askedOf({ question, answer }: Pick<SearchTrajectory, "question" | "answer">): Asked {
  return { question, answer, language: guessLanguage(question).language };
}

function trajectoryOf(
  { id, paradigm, question, options, answer }: Pair,
  { needed, isProved, steps }: { needed: readonly Passage[]; isProved: boolean; steps: SearchStep[] },
): SearchTrajectory {
  return { id, paradigm, question, options, answer, needed: idsOf(needed), isProved, steps };
}

function idsOf(passages: readonly Passage[]): string[] {
  return passages.map(({ id }) => id);
}
