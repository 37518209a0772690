import { optionLetter, type SeededRandom, type Task } from "@rag-instruct/core";
import type { Reply } from "@rag-instruct/paradigms";
import type { Fact } from "./facts.ts";

const openings: Partial<Record<Task, string>> = {
  comparison: "Compare and say in short: ",
  "how-to": "I need this in one step: ",
  summary: "In a few words: ",
  list: "List what is asked for: ",
  "long-form": "Write a detailed account that also answers this: ",
};

/** Puts a fact into the form of a task. */
export function phraseFact(fact: Fact, task: Task, random: SeededRandom): Reply {
  if (task === "multiple-choice") return phraseChoice(fact, random);
  if (task === "yes-no" || task === "claim") return phraseClaim(fact, task, random);
  const opening = openings[task] ?? "";
  const answer = task === "long-form" ? `${fact.claim(fact.answer)}\n\n${fact.more}` : fact.answer;
  return { question: opening + (opening ? lowerFirst(fact.ask) : fact.ask), answer };
}

function phraseChoice({ ask, answer, wrong }: Fact, random: SeededRandom): Reply {
  const options = random.shuffle([answer, ...wrong]);
  return { question: ask, options, answer: optionLetter(options.indexOf(answer)) };
}

function phraseClaim(fact: Fact, task: "yes-no" | "claim", random: SeededRandom): Reply {
  const isTrue = fact.wrong.length === 0 || random.next() < 0.5;
  const claim = fact.claim(isTrue ? fact.answer : random.pick(fact.wrong));
  const question = task === "claim" ? claim : `Is this right? ${claim}`;
  const [yes, no] = task === "claim" ? ["True", "False"] : ["Yes", "No"];
  return { question, answer: isTrue ? `${yes}.` : `${no}, it should be: ${fact.answer}.` };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
