import { asksForCode } from "./code.ts";
import { asksForCreation } from "./creative.ts";
import { worksOnGivenText } from "./given-text.ts";
import { isGreeting } from "./greeting.ts";
import { asksForMaths } from "./maths.ts";
import { asksNothing } from "./no-request.ts";
import { isPersonal } from "./personal.ts";
import { isPuzzle } from "./puzzle.ts";
import { isRolePlay } from "./role-play.ts";
import { needsTools } from "./tools.ts";
import type { InstructionView, Rule } from "./view.ts";

/** Why an instruction is not kept, by its words alone. */
export type FreeReason =
  | "greeting"
  | "code"
  | "maths"
  | "given-text"
  | "role-play"
  | "tools"
  | "creative"
  | "personal"
  | "puzzle"
  | "no-request"
  | "too-long"
  | "too-short"
  | "other-language"
  | "near-duplicate";

/** The rules by topic, in order: the first that fits gives the reason. They know English; other languages pass them mostly. */
const rules: readonly [FreeReason, Rule][] = [
  ["greeting", isGreeting],
  ["role-play", isRolePlay],
  ["code", asksForCode],
  ["puzzle", isPuzzle],
  ["maths", asksForMaths],
  ["given-text", worksOnGivenText],
  ["tools", needsTools],
  ["creative", asksForCreation],
  ["personal", isPersonal],
];

/** What the rules are told of a text besides. */
export interface RuleSettings {
  /** ISO 639-1 code of the text, where it could be told. */
  language: string;
  /** The only language that is kept. */
  wanted: string | undefined;
  maxWords: number;
}

// One word asks for nothing in particular, two do when the first is an order or asks ("Describe photosynthesis").
const shortest = 3;
const shortOrder = /^\W*(?:explain|describe|define|discuss|summari[sz]e|compare|who|what|whats|where|when|why|how)\b/i;

/** The first reason against keeping an instruction, or undefined. */
export function findReason(
  view: InstructionView,
  settings: RuleSettings,
): { reason: FreeReason; detail: string } | undefined {
  const { language, wanted, maxWords } = settings;
  const { length } = view.words;
  if (length > maxWords) return { reason: "too-long", detail: `it has ${length} words, more than ${maxWords}` };
  const greeting = isGreeting(view);
  if (greeting) return { reason: "greeting", detail: greeting };
  if (length < shortest && !(length === 2 && shortOrder.test(view.text))) {
    return { reason: "too-short", detail: `it has ${length} words` };
  }
  for (const [reason, rule] of rules) {
    const detail = rule(view);
    if (detail) return { reason, detail };
  }
  if (wanted && language !== "" && language !== wanted) {
    return { reason: "other-language", detail: `it is in ${language}, not in ${wanted}` };
  }
  const nothing = language === "en" ? asksNothing(view) : undefined;
  return nothing ? { reason: "no-request", detail: nothing } : undefined;
}
