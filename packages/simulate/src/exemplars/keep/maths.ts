import { anyOf, type InstructionView, type Rule } from "./view.ts";

const number =
  "\\d[\\d,.]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred|half|twice|double|triple|dozen";

const expressions = anyOf(
  [
    /\d\s*[+*×÷^=]\s*\(?\d|(?<!\d)\d{1,3}\s+[-/]\s+\d{1,3}(?!\d)|\d\s*%\s*of\s*\d|\d\s*\^|[a-z]\s*\^\s*\d|\b\d*[a-z]\s*[+=]\s*\d|\b[a-z]\s*\(\s*\w\s*\)\s*=|\bd[a-z]\/d[a-z]\b|\b[a-z]\s*[+*-]\s*[a-z]\s*=|\d\s*[a-z]\s*[+-]\s*\d+\s*[a-z]?\s*=|[a-z]²|√|∫|∑|≤|≥/i,
    /\\(?:frac|sqrt|int|sum|lim|cdot|times|begin|left|mathbb?)\b|\$[^$\n]*[=^\\_][^$\n]*\$/,
    /\(\s*\d*[a-z]\s*[+-]\s*\d+\s*\)\s*\(/i,
  ],
  "text",
);
const requests = anyOf([
  /\b(?:solve|simplify|factor(?:i[sz]e)?|integrate|differentiate)\b[^.?!\n]{0,40}(?:\b(?:equations?|inequalit(?:y|ies)|expressions?|systems?|polynomials?|for [a-z]\b|quadratic|fractions?|integral|matrix)\b|[=^]|\d)/i,
  /\b(?:calculate|compute|find|determine|evaluate|work out|what is|what's)\b[^.?!\n]{0,50}\b(?:derivative|(?:definite |indefinite )?integral|antiderivative|equation of|(?:first|third|upper|lower) quartile|limit of|square root|cube root|determinant|eigenvalues?|hypotenuse|perimeter|slope|gcd|lcm|greatest common|least common|remainder|quotient|standard deviation of|mean of (?:this|the|these|a) (?:set|numbers|data)|median of|arithmetic mean|sum of (?:the )?(?:first|all|digits|numbers|\d)|product of \d|probability (?:of|that)|surface area of|area of (?:a|an|the) (?:circle|triangle|rectangle|square|trapezoid|sphere|cylinder|cone)|volume of (?:a|an|the) (?:cube|sphere|cylinder|cone|box|pyramid|rectangular)|factorial|prime factors?|roots? of|value of (?:[a-z]\b|the expression)|compound interest|simple interest|average of (?:the|these|\d))\b/i,
  /\b(?:calculate|compute)\b[^.?!]*\d/i,
  /\bsum up the numbers\b|\bmultiplication table\b/i,
  /\bprove (?:that|the|by)\b[^.?!\n]*\b(?:irrational|theorem|inequality|divisible|prime|even|odd|integers?|equal|lemma|convergent|continuous|bijective|infinitely|induction|group|subset|sum)\b|\bprove by induction\b/i,
  /\bconvert \d[\d.,]*\s*\S+(?: \w+)? (?:to|into)\b/i,
  /\b(?:round|multiply|divide|subtract|add)\b[^.?!\n]*\d+[^.?!\n]*\b(?:by|to|from|and)\b[^.?!\n]*\d/i,
]);

/** A story with numbers that ends in a sum: two numbers or more that are no years, and a question for an amount. */
const wordProblem: Rule = ({ text }: InstructionView) => {
  const withoutYears = text.replace(/\b1[5-9]\d\d\b|\b20\d\d\b/g, "");
  const numbers = withoutYears.match(new RegExp(`\\b(?:${number})\\b|\\$\\d`, "gi"))?.length ?? 0;
  const digits = withoutYears.match(/\d+/g)?.length ?? 0;
  const asked = text.match(
    /\bhow (?:many|much|far|fast|long|old|tall|heavy)\b|\bwhat (?:is|was|will be|are|would be) (?:the|its|his|her|their) (?:\w+ ){0,3}(?:total|area|volume|length|width|height|speed|average|cost|price|profit|distance|amount|ratio|percentage|probability|number|value|sum|weight|perimeter|change)\b|\bwhen (?:does|do|will) [^?]*\b(?:meet|catch up)\b/i,
  )?.[0];
  const isStory = /[.,;:]\s|\bif\b|\band\b|\bthen\b/i.test(text);
  const isOfThings = /\bhow many \w+(?: \w+){0,2} (?:does|do|did|will|are left|were left|remain)\b/i.test(text);
  return asked && isStory && numbers >= 2 && (digits >= 1 || isOfThings)
    ? `it asks “${asked}” of ${numbers} numbers`
    : undefined;
};

/** Asks for a sum, a proof or a solution. What is asked about mathematics as a subject stays. */
export const asksForMaths: Rule = (view) => expressions(view) ?? requests(view) ?? wordProblem(view);
