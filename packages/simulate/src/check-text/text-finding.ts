/** What can be wrong with a text by its form. */
export type TextFault =
  | "control-characters"
  | "template-leftover"
  | "placeholder"
  | "degenerate-repetition"
  | "refusal"
  | "non-answer"
  | "question-not-whole"
  | "answer-breaks-off"
  | "restates-question"
  | "off-subject"
  | "wrong-language";

/** One fault of a text, with what shows it. */
export interface TextFinding {
  reason: TextFault;
  /** In words. */
  detail: string;
  /** The words of the text that show it, at most about 80 characters of them. */
  evidence: string;
}

const longest = 80;

/** A finding whose evidence is kept short. */
export function finding(reason: TextFault, detail: string, evidence: string): TextFinding {
  const shown = evidence.trim();
  return { reason, detail, evidence: shown.length > longest ? `${shown.slice(0, longest)}…` : shown };
}
