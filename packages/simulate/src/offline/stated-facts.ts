import { listText, type SeededRandom } from "@rag-instruct/core";
import { lowerStart } from "./clause.ts";
import { factsOfClause, factsOfSentence } from "./clause-facts.ts";
import { type Fact, variants } from "./fact.ts";
import { determiners, type Prose, type Reading } from "./prose.ts";

/** What one document states, in the ways in which a person asks for it. */
export function statedFacts({ prose, clauses }: Reading, random: SeededRandom): Fact[] {
  const { sentences, asked, topic, account } = prose;
  const base = { more: account, topic };
  const found: Fact[] = asked.map(({ question, answer }) => ({ ...base, ask: question, answer, wrong: [] }));
  found.push(
    ...sentences.flatMap((sentence) => factsOfSentence(sentence, random).map((fact) => ({ ...base, ...fact }))),
  );
  for (const clause of clauses)
    found.push(...factsOfClause(clause, { random, sentences }).map((fact) => ({ ...base, ...fact })));
  return [
    ...found.map((fact) => ({ ...fact, ask: withTopic(fact.ask, topic) })).filter(isFit),
    ...overviews([prose], random),
  ];
}

const maxOverviewSentences = 2;

const maxOptionWords = 44;

/** What documents say of their subjects at all: it can be asked of any that has a title. */
export function overviews(proses: readonly Prose[], random: SeededRandom): Fact[] {
  const about = subjectsOf(proses);
  const told = proses.map(({ opening }) => opening.slice(0, proses.length > 1 ? 1 : maxOverviewSentences));
  if (about === undefined || told.some((own) => own.length === 0)) return [];
  const answer = told.flat().join(" ");
  return [
    {
      ask: `What should I know about ${about}?`,
      answer,
      wrong: answer.split(" ").length <= maxOptionWords ? variants(answer, random) : [],
      claim: (given) => given,
      more: proses.flatMap(({ account }) => account),
      topic: about,
      plainness: 2,
    },
  ];
}

/** Which of several statements is right, one of them left as it is and numbers of the others changed. */
export function rightStatement(proses: readonly Prose[], random: SeededRandom): Fact[] {
  const about = subjectsOf(proses);
  const each = proses.map(({ sentences }) =>
    random.shuffle(sentences.filter((text) => variants(text, random).length > 0)),
  );
  const [right, ...others] = random.shuffle(each.filter((own) => own.length > 0));
  if (about === undefined || right === undefined) return [];
  const changed = [...others.map(([first]) => first!), ...right.slice(1)].map(
    (text) => `${variants(text, random)[0]}.`,
  );
  const wrong = [...new Set([...changed, ...variants(right[0]!, random).map((text) => `${text}.`)])].slice(0, 3);
  const base = { more: proses.flatMap(({ account }) => account), topic: about };
  return [
    {
      ...base,
      ask: `Which of these statements on ${about} is right?`,
      answer: `${right[0]}.`,
      wrong,
      plainness: 2,
      needsOptions: true,
    },
  ];
}

/** What documents are about, as it is written inside a sentence; undefined where one has no title. */
function subjectsOf(proses: readonly Prose[]): string | undefined {
  const parts = new Map<string, Set<string>>();
  for (const { topic, part } of proses) {
    if (topic === "") return undefined;
    const own = parts.get(topic) ?? new Set();
    parts.set(topic, own);
    if (part !== "" && part !== topic) own.add(lowerPart(part));
  }
  return listText([...parts].map(([topic, own]) => inText(topic) + (own.size > 0 ? ` (${listText([...own])})` : "")));
}

/** A title inside a sentence. */
export function inText(title: string): string {
  return /^(?:The|A|An|Our|Your|How|What|Why|When|Where) /.test(title) ? lowerStart(title) : title;
}

/** A heading of ordinary words begins with a small letter. */
function lowerPart(part: string): string {
  return /^\p{Lu}\p{Ll}+(?: \p{Ll}| of |$)/u.test(part) ? lowerStart(part) : part;
}

/** A question of a thing that only its page names says which it is. */
function withTopic(ask: string, topic: string): string {
  if (topic === "" || /[^?]\p{Lu}/u.test(ask.slice(1)) || /`|\b(?:I|you|we)\b/.test(ask)) return ask;
  const words = new Set(ask.toLowerCase().match(/\p{L}+/gu));
  const isNamed = topic
    .toLowerCase()
    .split(" ")
    .some((word) => word.length > 3 && words.has(word));
  return isNamed || !/\bthe\b/.test(ask)
    ? ask
    : `About ${determiners.test(topic.split(" ")[0]!) ? lowerStart(topic) : topic}: ${lowerStart(ask)}`;
}

const maxAskWords = 32;

function isFit({ ask, answer }: Fact): boolean {
  return (
    ask.split(" ").length <= maxAskWords &&
    ask.split(" ").length >= 4 &&
    answer.length > 1 &&
    !/ \?|\bwhat what\b| {2}|^How .* and (?:[^ ?]+ ){0,4}\d/u.test(ask.replace(/between \d+ and \d+/, ""))
  );
}
