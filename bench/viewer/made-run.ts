import { seededRandom } from "@rag-instruct/core";

interface Size {
  examples: number;
  /** Distinct passages that noise is drawn from. */
  passages: number;
}

const ids = ["useless-doc", "single-doc-support", "multi-doc-support", "single-doc-answer", "multi-doc-answer"];
// Made-up words, rare ones rarer, so that texts compress about as prose does.
const words = Array.from({ length: 20_000 }, (_, i) => {
  const random = seededRandom("word", i);
  return Array.from({ length: 2 + random.integer(3) }, () => random.pick(syllables())).join("");
});

function syllables(): string[] {
  return [
    "ka",
    "lo",
    "mir",
    "ten",
    "sa",
    "vu",
    "der",
    "on",
    "ist",
    "pra",
    "nel",
    "ong",
    "ti",
    "re",
    "ba",
    "shu",
    "fel",
  ];
}

const made = new Map<number, string>();

function textOf(passage: number): string {
  const known = made.get(passage);
  if (known) return known;
  const random = seededRandom("passage", passage);
  const text = Array.from({ length: 100 }, () => words[Math.floor(words.length ** random.next())]!).join(" ");
  if (made.size < 20_000) made.set(passage, text);
  return text;
}

const documentOf = (passage: number) => ({
  id: `d${passage}`,
  title: words[passage % words.length]!,
  text: textOf(passage),
});

function pairOf(i: number, { passages }: Size) {
  const paradigm = ids[i % ids.length]!;
  const count = paradigm.startsWith("multi") ? 2 : 1;
  const sources = Array.from({ length: count }, (_, k) => documentOf((i * 3 + k) % passages));
  return {
    ...{ id: `pair-${i}`, paradigm, exemplarId: `e${i % 5000}`, model: "made", documents: sources },
    ...{ question: `What does number ${i} say of ${textOf(i).slice(0, 60)}?`, answer: textOf(i).slice(0, 30) },
    evidence: { lexical: { answerWordsInDocuments: 1 } },
  };
}

function* lines(count: number, one: (i: number) => unknown): Generator<string> {
  for (let i = 0; i < count; i++) yield `${JSON.stringify(one(i))}\n`;
}

export const madeExemplars = (_: Size) =>
  lines(5000, (i) => ({
    ...{ id: `e${i}`, question: textOf(i).slice(0, 90), source: "made", task: i % 2 ? "open" : "claim" },
  }));

export const madePairs = (size: Size) => lines(size.examples, (i) => pairOf(i, size));

export const madeExamples = (size: Size) =>
  lines(size.examples, (i) => {
    const { exemplarId: _, documents, ...pair } = pairOf(i, size);
    const random = seededRandom("noise", i);
    const noise = Array.from({ length: 10 - documents.length }, (_, k) => ({
      ...documentOf(random.integer(size.passages)),
      ...{ role: "noise", rank: 201 + ((i + k * 5) % 50) },
    }));
    return { ...pair, documents: [...documents.map((document) => ({ ...document, role: "source" })), ...noise] };
  });

export const madeLedger = (size: Size) =>
  lines(size.examples, (i) => {
    const { question, answer } = pairOf(i, size);
    const value = { text: JSON.stringify({ question, answer }), finishReason: "stop" };
    return { key: String(i).padStart(32, "0"), value, usage: { inputTokens: 700, outputTokens: 60 }, usd: 0.0001 };
  });
