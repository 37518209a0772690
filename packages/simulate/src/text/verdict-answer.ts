/** An answer that is a verdict and stands in no document: yes or no to a question, true or false to a claim. */
export interface VerdictAnswer {
  kind: "yes-no" | "claim";
  value: "yes" | "no" | "maybe" | "true" | "false" | "mixed";
}

const words: readonly [VerdictAnswer["kind"], VerdictAnswer["value"], string][] = [
  ["yes-no", "yes", "yes|yeah|ja|oui|sí|sì|sim|да|так|tak|evet|kyllä|はい|是的|是|对|예|네|نعم"],
  ["yes-no", "no", "no|nope|nein|non|não|nee|nej|nie|нет|ні|hayır|ei|いいえ|不是|否|不|아니요|아니오|لا"],
  ["yes-no", "maybe", "maybe|unknown|vielleicht|peut-être|quizás|forse|talvez"],
  [
    "claim",
    "true",
    "true|correct|supported|supports|entailed|wahr|richtig|vrai|verdadero|vero|verdadeiro|waar|верно|правда|正确|真|正しい",
  ],
  ["claim", "false", "false|incorrect|refuted|refutes|contradicted|falsch|faux|falso|onwaar|неверно|ложь|错误|假|誤り"],
  ["claim", "mixed", "mixture|mixed|unproven|not enough info|half[- ]true|partly true"],
];
// A verdict ends there, or goes on as a sentence that can have no other beginning; "No one knows" and "No. 5" are none.
const end = String.raw`(?=\s*$|\s*[,;:!。、，！—–(]|\s*\.(?!\s*\d)|\s+-|\s+(?:it|he|she|they|there|this|because|both|neither)\b)`;
const patterns = words.map(([kind, value, alternatives]) => ({
  kind,
  value,
  pattern: new RegExp(String.raw`^[\s"'“*(]*(?:${alternatives})["'”*)]*${end}`, "iu"),
}));

/** The verdict that an answer begins with, or undefined for any other answer. */
export function verdictOf(answer: string): VerdictAnswer | undefined {
  const found = patterns.find(({ pattern }) => pattern.test(answer));
  return found && { kind: found.kind, value: found.value };
}
