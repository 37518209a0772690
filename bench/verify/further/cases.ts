import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Pair, Passage } from "@rag-instruct/core";

/** A pair that is labelled by hand. */
export interface FurtherCase {
  pair: Pair;
  /** `good`, or what is wrong with it. */
  label: string;
  isGood: boolean;
  /** `a`, which the rules were written with, `b`, which was held back, `c`, which came when they were done, or `languages`. */
  set: string;
  corpora: string[];
}

interface Written extends Pick<Pair, "paradigm" | "question" | "answer"> {
  set: string;
  label: string;
  /** `ostrey:page#heading`, `general:id`, or an id of documents.jsonl. */
  documents: string[];
}

const folder = import.meta.dirname;
const ostrey = join(folder, "../../../packages/rag-instruct/demo/ostrey");

/** The labelled cases, over documents of two corpora and some that were written for them. */
export function furtherCases(): FurtherCase[] {
  const general = read<Passage>(join(folder, "../real/general.jsonl")).map((passage) => ({
    ...passage,
    corpus: "general",
  }));
  const known = [...general, ...read<Passage & { corpus: string }>(join(folder, "documents.jsonl"))];
  return read<Written>(join(folder, "cases.jsonl")).map(({ documents: names, label, set, ...pair }, i) => {
    const documents = names.map(
      (name) => sectionOf(name) ?? known.find(({ id }) => id === name.replace("general:", ""))!,
    );
    const corpora = [...new Set(documents.map(({ corpus }) => corpus))];
    return {
      pair: { ...pair, id: `case-${i + 1}`, exemplarId: "none", model: "hand", documents },
      label,
      isGood: label === "good",
      set,
      corpora,
    };
  });
}

/** The labelled cases in a dozen languages, whose documents stand with them. */
export function casesInLanguages(): FurtherCase[] {
  const file = join(folder, "../../../packages/simulate/test/further-words.jsonl");
  return read<Omit<Written, "set" | "label"> & { isGood: boolean }>(file).map(
    ({ isGood, documents: texts, ...pair }, i) => {
      const documents = texts.map((text, n) => ({ id: `d${n}`, title: "", text }));
      return {
        pair: { ...pair, id: `case-${i + 1}`, exemplarId: "none", model: "hand", documents },
        label: isGood ? "good" : "bad",
        isGood,
        set: "languages",
        corpora: [],
      };
    },
  );
}

/** A section of a page of the demo corpus. */
function sectionOf(name: string): (Passage & { corpus: string }) | undefined {
  const [, page, heading] = /^ostrey:([^#]+)#(.+)$/.exec(name) ?? [];
  if (page === undefined) return undefined;
  const text = readFileSync(join(ostrey, `${page}.md`), "utf8");
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (!section) throw new Error(`there is no section ${name}`);
  const title = `${/^# (.+)$/m.exec(text)![1]} > ${heading}`;
  return { id: name, title, text: section.slice(heading!.length).trim(), corpus: "ostrey" };
}

function read<T>(file: string): T[] {
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}
