import { type Task, wordsOf } from "@rag-instruct/core";
import type { Reply } from "./reply.ts";

// Fewer words than this are no essay in any language.
const shortestLongForm = 20;
// English is the one language whose verdicts are known here; another text may say them as it likes.
const english = /\b(?:the|is|are|was|were|of|does|did|has|have)\b/i;

/** What is wrong with a reply as one to this task, by its form alone; undefined where nothing is. */
export function taskFault(task: Task, { question, answer }: Reply): string | undefined {
  if (task === "claim") {
    if (/[?？؟]["”'’]?$/.test(question)) return "a claim is a statement, not a question";
    if (isEnglish(question, answer) && !/^\W*(?:true|false)\b/i.test(answer)) {
      return "the answer to a claim begins with True or False";
    }
  }
  if (task === "yes-no") {
    if (!/[?？؟;՞]/.test(question)) return "a yes-no question ends in a question mark";
    if (isEnglish(question, answer) && !/^\W*(?:yes|no)\b/i.test(answer)) {
      return "the answer to a yes-no question begins with Yes or No";
    }
  }
  if (task === "long-form" && wordsOf(answer).length < shortestLongForm) {
    return `the answer to a request for a longer text has ${wordsOf(answer).length} words`;
  }
  return undefined;
}

/** ASCII alone with two of English's own small words: German, French or Dutch text does not have both. */
function isEnglish(question: string, answer: string): boolean {
  const text = `${question} ${answer}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  return /^[\x00-\x7f“”‘’–—…]*$/.test(text) && /\bthe\b/i.test(text) && english.test(text);
}
