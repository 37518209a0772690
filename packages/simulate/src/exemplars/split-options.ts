const lettered = /(?:^|[\s,;:?.])\(?([A-Ha-h])[).:]\s*(?=\S)/g;
const bulleted = /\n\s*(?:options|choices)\s*:?\s*\n((?:\s*[-*•]\s+\S.*(?:\n|$)){2,})/i;
const cue = /\s*\n\s*(?:answer|ans|a)\s*:?\s*$/i;

/**
 * Takes the choices out of a multiple-choice instruction: letters from A in order, or a list under "Options:". Undefined options
 * where there are none for certain. What follows a choice on its line belongs to it; a closing "Answer:" does not.
 */
export function splitOptions(question: string): { question: string; options?: string[] } {
  const text = question.replace(cue, "");
  const found = bulletedOptions(text) ?? letteredOptions(text);
  if (!found) return { question };
  const distinct = new Set(found.options.map((option) => option.toLowerCase()));
  const isVerdict = [...distinct].every((option) =>
    /^(?:yes|no|true|false|maybe|it's impossible to say)$/.test(option),
  );
  return distinct.size < found.options.length || isVerdict ? { question } : found;
}

function bulletedOptions(text: string): { question: string; options: string[] } | undefined {
  const list = text.match(bulleted);
  // What stands behind the list may be part of the question.
  if (!list || text.slice(list.index! + list[0].length).trim() !== "") return undefined;
  const options = list[1]!.split("\n").map((line) => line.replace(/^\s*[-*•]\s+/, "").trim());
  return checked(
    text.slice(0, list.index),
    options.filter((option) => option !== ""),
  );
}

function letteredOptions(text: string): { question: string; options: string[] } | undefined {
  const marks = [...text.matchAll(lettered)];
  for (const [from, first] of marks.entries()) {
    if (first[1]!.toUpperCase() !== "A") continue;
    const run = runFrom(marks.slice(from));
    if (run.length < 2) continue;
    const options = run.map((mark, i) => text.slice(mark.index + mark[0].length, run[i + 1]?.index).trim());
    const found = checked(
      text.slice(0, first.index + 1),
      options.map((option) => option.replace(/[,;]$/, "")),
    );
    if (found) return found;
  }
  return undefined;
}

/** The longest beginning in which each letter follows the one before, all in one case. */
function runFrom(marks: readonly RegExpExecArray[]): RegExpExecArray[] {
  const run: RegExpExecArray[] = [];
  for (const mark of marks) {
    const expected = marks[0]![1]!.charCodeAt(0) + run.length;
    if (mark[1]!.charCodeAt(0) === expected) run.push(mark);
  }
  return run;
}

function checked(question: string, options: string[]): { question: string; options: string[] } | undefined {
  const stem = question
    .replace(/\n\s*(?:options|choices)\s*:?\s*$/i, "")
    .replace(/[\s([]+$/, "")
    .replace(/\s(?:options|choices)\s*:?$/i, "");
  // A choice of several lines or of a hundred words is a passage, not a choice.
  const areChoices = options.every((option) => option !== "" && option.length < 600 && !option.includes("\n\n"));
  return areChoices && options.length > 1 && stem.trim().length > 2 ? { question: stem.trim(), options } : undefined;
}
