import { isNumericToken, type Passage } from "@rag-instruct/core";
import { askedValue, saysWho } from "./asked-value.ts";
import { namesMissing, saysMissing } from "./missing-words.ts";
import { type CheckedPair, defineParadigm, type WordVerdict } from "./paradigm.ts";
import { documentText, inEnglishNumbers, isAkin, sentenceWords, tellingStems } from "./word-checks.ts";

const instructions = `
You get one or several documents on a subject. Write a question that somebody who reads up on that subject would ask next, and that the
documents look as if they answered: it names its subject as they name it. But the one fact that it asks for stands in none of them,
neither word for word nor in other words, cannot be worked out from them, and is not commonly known.
The answer says which fact is missing, and names it; it may add in a sentence what is known of the matter, and nothing that the
documents do not say. It makes no guess and gives no number, name or date that does not stand there.
`;

const answerRules = `
- The answer says what is missing as a careful person would who has looked: "The year of the opening is given, but not who paid for it."
`;

const judging = `
An answer may say that the fact asked for is missing. Then "documents" is "state" where they do give that fact, "help" where they are about the
same subject and lack it (quote what shows the subject), and "unrelated" where they are about something else; "answer" is "right" where
the fact is indeed not to be found and all else that the answer says stands there.
`;

// Of the telling words of a question so many must occur in its documents: else they do not look as if they answered it.
const minKnown = 0.4;

/** The documents are about the question's subject and lack the fact: the answer says what is missing. */
export const unanswerable = defineParadigm({
  id: "unanswerable",
  documents: { min: 1, max: 3 },
  instructions,
  answerRules,
  judging,
  about: "The documents look as if they answered the question, and lack the fact: the answer says what is missing.",
  tasks: ["open", "comparison", "multi-hop", "how-to", "list"],
  relation: { answerStated: false, documentsAre: "lacking" },
  check: inEnglishNumbers(check),
});

function check(pair: CheckedPair, { language }: { language?: string }): WordVerdict {
  const { question, answer, documents } = pair;
  if (!namesMissing(answer, question)) {
    const detail = saysMissing(answer)
      ? "the answer does not name what is missing"
      : "the answer does not say that something is missing";
    return { reason: "missing-not-said", detail };
  }
  const all = tellingStems(question, language);
  const asking = askedValue(question, all)?.asking;
  const asked = all.filter((stem) => !asking?.has(stem));
  const said = [...new Set(documents.flatMap((document) => tellingStems(documentText(document), language)))];
  const known = asked.filter((stem) => said.some((other) => isAkin(stem, other)));
  if (known.length < minKnown * asked.length) {
    return {
      reason: "documents-unrelated",
      detail: `of what is asked the documents know ${known.length} of ${asked.length} words`,
    };
  }
  const stating = statingSentence(question, documents, language);
  return stating === undefined ? "unproved" : { reason: "answer-stated", detail: `a document says “${stating}”` };
}

/** A sentence that says of what is asked a value of the kind that is asked for. */
function statingSentence(
  question: string,
  documents: readonly Pick<Passage, "title" | "text">[],
  language: string | undefined,
): string | undefined {
  const all = tellingStems(question, language);
  const value = askedValue(question, all);
  const wanted = all.filter((stem) => !value?.asking.has(stem));
  if (wanted.length === 0) return undefined;
  for (const document of documents) {
    const title = new Set(tellingStems(document.title, language));
    const sentences = sentenceWords(document);
    const isKnown = (stem: string) => title.has(stem) || sentences.some(({ stems }) => stems.has(stem));
    const holds = (known: ReadonlySet<string>) => (stem: string) => known.has(stem) || title.has(stem);
    const named = sentences.find(({ text, stems }, i) => {
      if (!saysWho(question, text)) return false;
      // "It was designed by Ann Lee" speaks of what the sentence before it names.
      const before = pronoun.test(text) && wanted.some(holds(stems)) ? sentences[i - 1]?.stems : undefined;
      return wanted.every(holds(new Set([...stems, ...(before ?? [])])));
    });
    if (named) return named.text;
    if (!value || !wanted.every(isKnown)) continue;
    const found = sentences.find(({ text, stems, values }, i) => {
      if (value.isOther(stems)) return false;
      if (!values.some(({ token, kind }) => value.isKind(kind) && !all.includes(token))) return false;
      // "She is 15 metres long" and "It opened in 1931" speak of what the sentence before them names.
      const hasAsking = all.some((stem) => value.asking.has(stem) && stems.has(stem));
      const numbers = wanted.filter(isNumericToken);
      if (hasAsking && numbers.every((number) => stems.has(number))) return true;
      const around = namesOther(text, question) ? stems : new Set([...stems, ...(sentences[i - 1]?.stems ?? [])]);
      return wanted.every(holds(around)) && 2 * wanted.filter(holds(stems)).length >= wanted.length;
    });
    if (found) return found.text;
  }
  return undefined;
}

const pronoun =
  /^(?:it|he|she|they|this|er|sie|es|il|elle|ils|elles|él|ella|esso|essa|ele|ela|het|hij|zij|он|она|оно|они)(?!\p{L})/iu;

/** Whether a sentence speaks of something by a name that a question has not. */
function namesOther(sentence: string, question: string): boolean {
  return (sentence.match(/(?<=[\p{L}\p{N},;] )\p{Lu}\p{L}+/gu) ?? []).some((name) => !question.includes(name));
}
