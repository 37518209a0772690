import { type Clause, clauseOf, lowerStart } from "./clause.ts";
import { type Prose, proseOf, type ReadDocument } from "./prose.ts";
import { finiteVerb } from "./verbs.ts";

/** A document with the clauses that its sentences were read as. */
export interface Reading {
  prose: Prose;
  clauses: readonly Clause[];
  /** Its sentences as they are written behind "that". */
  inside: readonly string[];
}

/** Reads documents; names keep their capital inside a sentence, by what all of them say together. */
export function readAll(documents: readonly ReadDocument[]): Reading[] {
  const said = new Set(documents.flatMap(({ text }) => text.match(/(?<![\p{L}\p{N}_-])\p{Ll}[\p{L}-]*/gu) ?? []));
  const names = new Set(documents.flatMap(({ text }) => text.match(/(?<=\p{Ll},? )\p{Lu}\p{Ll}+/gu) ?? []));
  const inner = (text: string, isPlural: boolean) => {
    const [first = "", next = ""] = text.split(" ");
    const isMany = isPlural && !names.has(first) && (/[^s]s$/.test(first) || /^[a-z-]+s$/.test(next));
    const isModifier = /^[a-z]+$/.test(next) && !joining.test(next) && finiteVerb(next) === undefined;
    const isOrdinary =
      determiners.test(first) ||
      (!/^\p{Lu}/u.test(next) &&
        !names.has(first) &&
        (said.has(lowerStart(first)) || isModifier || isMany || /^[A-Z][a-z]+ing$/.test(first)));
    return isOrdinary && !/^\p{Lu}{2}/u.test(text) && !/^I\b/.test(text) ? lowerStart(text) : text;
  };
  return documents.map((document) => {
    const prose = proseOf(document);
    return {
      prose,
      clauses: prose.sentences.flatMap((sentence) => clauseOf(sentence, inner) ?? []),
      inside: prose.sentences
        .filter((sentence) => !isOrder(sentence))
        .map((sentence) => inner(sentence, isOfMany.test(sentence))),
    };
  });
}

const joining =
  /^(?:is|are|was|were|has|have|had|can|may|must|will|should|would|could|and|or|of|in|on|at|for|from|with|by|to|as|also|often|then|now|still|only|usually|always|never|not|does|do|did)$/;
const isOfMany = /^\p{Lu}\p{Ll}+[^s]s (?!is |was |has )\p{Ll}/u;

/** Whether a sentence tells somebody to do something. */
function isOrder(sentence: string): boolean {
  const [first = "", next = ""] = sentence.split(" ");
  return finiteVerb(first)?.form === "base" && !auxiliary.test(next);
}

const auxiliary = /^(?:is|are|was|were|has|have|had|can|may|must|will|should)$/;

export const determiners =
  /^(?:the|a|an|each|every|all|our|your|most|many|several|some|few|we|you|only|no|nobody|nothing|more|other|anyone|anybody|everyone|everybody|someone|somebody|in|on|at|for|from|with|by|to|when|if|as|after|before|since|during|while|because|although|under|within|between|there|who|what|about|two|three|four|five|six|seven|eight|nine|ten|twelve)$/i;
