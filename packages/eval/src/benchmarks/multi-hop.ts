import { defineBenchmark } from "../benchmark.ts";
import type { Layout } from "../item.ts";
import { commonLayout, groupsOf, openQuestion } from "../layouts/common.ts";
import { textOf, textsOf, titledParagraphsOf } from "../layouts/fields.ts";

/**
 * HotpotQA's layout, which 2WikiMultihopQA shares, as published and as Hugging Face columns: titled paragraphs of
 * sentences. The kind of question and the number of documents it rests on become groups.
 */
export const multiHopLayout: Layout = (fields) => {
  if (!("supporting_facts" in fields) && !("context" in fields)) return undefined;
  const reading = commonLayout(fields);
  if (reading === undefined || Array.isArray(reading) || "reason" in reading) return reading;
  const documents = titledParagraphsOf(fields.context);
  const type = textOf(fields, "type");
  const hops = new Set(supportTitles(fields.supporting_facts)).size;
  const groups = groupsOf({ type, hops: hops === 0 ? undefined : String(hops) });
  return {
    ...reading,
    documents: documents.length > 0 ? documents : reading.documents,
    groups: groups ?? reading.groups,
  };
};

function supportTitles(facts: unknown): string[] {
  if (Array.isArray(facts)) return facts.map((fact) => String(Array.isArray(fact) ? fact[0] : fact));
  const titles = (facts as { title?: unknown } | undefined)?.title;
  return Array.isArray(titles) ? titles.map(String) : [];
}

/** HotpotQA (Yang et al. 2018): two-hop questions. Development set, distractor and full wiki: 7,405. */
export const hotpotqa = defineBenchmark({
  id: "hotpotqa",
  name: "HotpotQA",
  column: "HotP",
  reference: "contains",
  sources: ["hotpot_dev_ori", "hotpot_helpful", "hotpot_mid_help", "hotpot_helpless"],
  layouts: [multiHopLayout, commonLayout],
});

/** 2WikiMultihopQA (Ho et al. 2020): two to four hops over Wikipedia. Development set: 12,576. */
export const twoWiki = defineBenchmark({
  id: "2wikimultihopqa",
  name: "2WikiMultihopQA",
  column: "2WIKI",
  reference: "contains",
  sources: ["2WIKI_test_processed"],
  layouts: [multiHopLayout, commonLayout],
});

/** MuSiQue's own keys: the answer and its aliases are accepted; the number of hops stands at the head of the id (`3hop1__…`). */
const musiqueLayout: Layout = (fields) => {
  const question = textOf(fields, "question");
  const isOwn = "question_decomposition" in fields || "answer_aliases" in fields;
  if (!isOwn || question === undefined) return undefined;
  if (fields.answerable === false) return { reason: "missing-gold", detail: "answerable is false" };
  const golds = [...textsOf(fields.answer), ...textsOf(fields.answer_aliases)];
  const reading = openQuestion(fields, question, [...new Set(golds)]);
  const hops = textOf(fields, "id")?.match(/^(\d)hop/)?.[1] ?? hopsOf(fields.question_decomposition);
  return reading && !("reason" in reading) && hops ? { ...reading, groups: { hops } } : reading;
};

function hopsOf(decomposition: unknown): string | undefined {
  return Array.isArray(decomposition) && decomposition.length > 0 ? String(decomposition.length) : undefined;
}

/** MuSiQue-Answerable (Trivedi et al. 2022): two to four hops that cannot be cut short. Development set: 2,417. */
export const musique = defineBenchmark({
  id: "musique",
  name: "MuSiQue",
  column: "MSQ",
  reference: "contains",
  sources: ["musique_ans_dev"],
  layouts: [musiqueLayout, commonLayout],
});
