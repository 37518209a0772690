/** Where reasoning begins or ends in a reply, by the marks of whichever model wrote it. */
export interface ReasoningMark {
  index: number;
  /** Behind the mark. */
  end: number;
  isOpening: boolean;
  /** Where what it opens has ended; undefined where that never ends, and for a mark that closes. */
  reasoningEnd?: number;
}

const tagNames = "think|thinking|thoughts?|reasoning|reflection|scratchpad";
// One pattern for all, so that a reply is read once; every repetition has a bound.
const anyMark = new RegExp(
  [
    // <think>, </think>, <seed:think>, <think type="long">
    `<(?<tagSlash>/?)(?<tag>(?:\\w{1,12}:)?(?:${tagNames}))(?:\\s[^<>]{0,80})?>`,
    // Magistral: [THINK] and [/THINK]
    "\\[(?<squareSlash>/?)THINK\\]",
    // Kimi: ◁think▷ and ◁/think▷
    "◁(?<triangleSlash>/?)think▷",
    // Harmony: <|channel|>analysis<|message|> … <|channel|>final<|message|>
    "<\\|channel\\|>\\s{0,3}(?<channel>\\w{1,20})(?:[^<]|<\\|constrain\\|>){0,80}<\\|message\\|>",
    // Command: <|START_THINKING|>, OpenThinker: <|begin_of_thought|>, Gemma: <|channel>thought … <channel|>
    "<\\|(?<pipeStart>START|begin_of)_(?:THINKING|thought)\\|>",
    "<\\|(?<pipeEnd>END|end_of)_(?:THINKING|thought)\\|>",
    "(?<gemmaStart><\\|channel>thought)",
    "(?<gemmaEnd><channel\\|>)",
    // Harmony, where the server has taken its marks out: analysisWe need … assistantfinal{…}
    "(?<bareStart>^\\s{0,20}analysis(?=\\w))",
    "(?<bareEnd>assistantfinal)",
  ].join("|"),
  "gi",
);
const beginsBare = /^\s{0,20}analysis\w/i;

/**
 * The marks of a text in order. One between backticks is spoken of and marks nothing. A mark that opens ends at the next one that
 * closes it, or at whichever closes next, where none has its name.
 */
export function reasoningMarks(text: string): ReasoningMark[] {
  // Two ordinary words are marks only where both stand.
  const isBare = beginsBare.test(text) && /assistantfinal/i.test(text);
  const found = [...text.matchAll(anyMark)]
    .filter(({ groups = {} }) => isBare || (groups.bareStart ?? groups.bareEnd) === undefined)
    .filter(({ index, 0: mark }) => text[index - 1] !== "`" || text[index + mark.length] !== "`")
    .map(({ index, 0: mark, groups = {} }) => ({ index, end: index + mark.length, ...kindOf(groups) }));
  const nextEnd = new Map<string, number>();
  let anyEnd: number | undefined;
  const marks = found.reverse().map(({ index, end, isOpening, name }): ReasoningMark => {
    if (isOpening) return { index, end, isOpening, reasoningEnd: nextEnd.get(name) ?? anyEnd };
    nextEnd.set(name, end);
    anyEnd = end;
    return { index, end, isOpening };
  });
  return marks.reverse();
}

function kindOf(groups: Record<string, string | undefined>): { isOpening: boolean; name: string } {
  const slash = groups.tagSlash ?? groups.squareSlash ?? groups.triangleSlash;
  if (slash !== undefined) return { isOpening: slash === "", name: groups.tag?.toLowerCase() ?? "think" };
  // What comes in Harmony's last channel is said; what comes in any other is not.
  if (groups.channel !== undefined) return { isOpening: groups.channel.toLowerCase() !== "final", name: "channel" };
  const isOpening = [groups.pipeStart, groups.gemmaStart, groups.bareStart].some((group) => group !== undefined);
  return { isOpening, name: "other" };
}

/**
 * What a reply says once its reasoning is taken off: spans between marks of reasoning, and what stands before one that closes alone. Of
 * reasoning that never ends nothing is left.
 */
export function textOutsideReasoning(text: string): string {
  let said = "";
  let from = 0;
  for (const { index, end, isOpening, reasoningEnd } of reasoningMarks(text)) {
    if (index < from) continue;
    if (!isOpening) said = "";
    else said += text.slice(from, index);
    from = isOpening ? (reasoningEnd ?? text.length) : end;
  }
  return said + text.slice(from);
}
