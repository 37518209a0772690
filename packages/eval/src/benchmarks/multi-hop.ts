import type { Layout } from "../benchmark.ts";
import { defineBenchmark } from "../define-benchmark.ts";
import { commonLayout } from "../layouts/common.ts";
import { textOf, titledParagraphsOf } from "../layouts/fields.ts";

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
  const groups = { ...(type === undefined ? {} : { type }), ...(hops === 0 ? {} : { hops: String(hops) }) };
  return {
    ...reading,
    ...(documents.length > 0 ? { documents } : {}),
    ...(Object.keys(groups).length > 0 ? { groups } : {}),
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
