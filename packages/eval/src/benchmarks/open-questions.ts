import { defineBenchmark } from "../benchmark.ts";
import type { Layout } from "../item.ts";
import { commonLayout, groupsOf, missing, multipleChoiceLayout, openQuestion } from "../layouts/common.ts";
import { asText, isFields, textOf, textsOf } from "../layouts/fields.ts";

/** WebQuestions (Berant et al. 2013): what people ask a search engine, answered by Freebase entities. Test: 2,032. */
export const webquestions = defineBenchmark({
  id: "webquestions",
  name: "WebQuestions",
  testSize: 2032,
  column: "WQA",
  reference: "contains",
  sources: ["webqa_processed_retrieved"],
});

/** Monthly page views of the subject below which an entity counts as rare. */
const rareBelow = 100;

/** PopQA's own columns; subject popularity and property become groups. */
const popqaLayout: Layout = (fields) => {
  if (!("s_pop" in fields) && !("prop" in fields)) return undefined;
  const reading = commonLayout(fields);
  if (reading === undefined || Array.isArray(reading) || "reason" in reading) return reading;
  const popularity = Number(textOf(fields, "s_pop") ?? Number.NaN);
  const property = textOf(fields, "prop");
  const rarity = popularity < rareBelow ? "long-tail" : "common";
  const groups = groupsOf({ property, popularity: Number.isNaN(popularity) ? undefined : rarity });
  return { ...reading, groups };
};

/** PopQA (Mallen et al. 2023): facts about entities, rare ones among them. Test: 14,267. */
export const popqa = defineBenchmark({
  id: "popqa",
  name: "PopQA",
  column: "PQA",
  reference: "contains",
  sources: ["popqa_longtail_w_gs"],
  layouts: [popqaLayout, commonLayout],
  subset: {
    count: 1399,
    rule: "subjects with fewer than 100 monthly page views (the long tail of Asai et al. 2024, Self-RAG); a file without page views is taken to be that subset already",
    keeps: ({ groups }) => groups?.popularity !== "common",
  },
});

/** TriviaQA's own keys and those of its Hugging Face columns: the value and all aliases are accepted. */
const triviaqaLayout: Layout = (fields) => {
  const question = textOf(fields, "Question", "question");
  const answer = isFields(fields.Answer) ? fields.Answer : isFields(fields.answer) ? fields.answer : undefined;
  if (!answer)
    return "QuestionId" in fields || "question_id" in fields ? missing("gold", ["Answer", "answer"]) : undefined;
  if (question === undefined) return missing("question", ["Question", "question"]);
  const aliases = [answer.Aliases, answer.aliases, answer.HumanAnswers].find(Array.isArray) ?? [];
  const all = [answer.Value ?? answer.value, ...aliases].map(asText).filter((text) => text !== undefined);
  const reading = openQuestion(fields, question, [...new Set(all)]);
  const id = textOf(fields, "QuestionId", "question_id");
  return reading && id !== undefined && !("reason" in reading) ? { ...reading, id } : reading;
};

/** TriviaQA (Joshi et al. 2017): quiz questions with many aliases. Open-domain test: 11,313. */
export const triviaqa = defineBenchmark({
  id: "triviaqa",
  name: "TriviaQA",
  testSize: 11_313,
  column: "TQA",
  reference: "contains",
  sources: ["triviaqa_test_w_gs", "triviaqa_helpful", "triviaqa_mid_help", "triviaqa_helpless"],
  layouts: [triviaqaLayout, commonLayout],
});

/** Natural Questions, open (Kwiatkowski et al. 2019; Lee et al. 2019). Test: 3,610. The published table leaves it out. */
export const naturalQuestions = defineBenchmark({
  id: "nq",
  name: "Natural Questions",
  testSize: 3610,
});

/**
 * HotpotQA's layout, which 2WikiMultihopQA shares, as published and as Hugging Face columns: titled paragraphs of
 * sentences. The kind of question and the number of documents it rests on become groups.
 */
export const multiHopLayout: Layout = (fields) => {
  if (!("supporting_facts" in fields) && !("context" in fields)) return undefined;
  const reading = commonLayout(fields);
  if (reading === undefined || Array.isArray(reading) || "reason" in reading) return reading;
  const type = textOf(fields, "type");
  const hops = new Set(supportTitles(fields.supporting_facts)).size;
  const groups = groupsOf({ type, hops: hops === 0 ? undefined : String(hops) });
  return { ...reading, groups: groups ?? reading.groups };
};

function supportTitles(facts: unknown): string[] {
  const titleIn = (fact: unknown) => (Array.isArray(fact) ? fact[0] : isFields(fact) ? fact.title : fact);
  if (Array.isArray(facts)) return facts.map((fact) => String(titleIn(fact)));
  const titles = (facts as { title?: unknown } | undefined)?.title;
  return Array.isArray(titles) ? titles.map(String) : [];
}

/** HotpotQA (Yang et al. 2018): two-hop questions. Development set, distractor and full wiki: 7,405. */
export const hotpotqa = defineBenchmark({
  id: "hotpotqa",
  name: "HotpotQA",
  testSize: 7405,
  column: "HotP",
  reference: "contains",
  sources: ["hotpot_dev_ori", "hotpot_helpful", "hotpot_mid_help", "hotpot_helpless"],
  layouts: [multiHopLayout, commonLayout],
});

/** 2WikiMultihopQA (Ho et al. 2020): two to four hops over Wikipedia. Development set: 12,576. */
export const twoWiki = defineBenchmark({
  id: "2wikimultihopqa",
  name: "2WikiMultihopQA",
  testSize: 12_576,
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
  testSize: 2417,
  column: "MSQ",
  reference: "contains",
  sources: ["musique_ans_dev"],
  layouts: [musiqueLayout, commonLayout],
});

/**
 * A training example: a question with options is one of multiple choice, whatever the others are; a later turn of a conversation has the turns before
 * it, and the number of the turn is a group.
 */
const exampleLayout: Layout = (fields) => {
  const hasOptions = Array.isArray(fields.options) && fields.options.length > 0;
  const reading = hasOptions ? multipleChoiceLayout(fields) : commonLayout(fields);
  if (reading === undefined || Array.isArray(reading) || "reason" in reading) return reading;
  const history = Array.isArray(fields.history) ? fields.history.filter(isFields) : [];
  const turns = history.flatMap((turn) => [textOf(turn, "question") ?? "", textOf(turn, "answer") ?? ""]);
  const groups = { ...reading.groups, turn: String(history.length + 1) };
  return { ...reading, groups, turns: turns.length > 0 ? turns : undefined };
};

/**
 * Examples of one's own run that a model was not trained on: asked as they are trained on, question and documents alone, and broken down
 * by paradigm, and by turn where there are conversations. The turns before a question stand before it in one prompt, a line each. Where an answer is a sentence, its F1 says more than whether it is stated as it stands.
 */
export const heldOut = defineBenchmark({
  id: "held-out",
  name: "Held-out examples",
  task: "multiple-choice",
  hasOpen: true,
  layouts: [exampleLayout],
  instruction: ({ question, turns = [] }) => [...turns, question].join("\n"),
});
