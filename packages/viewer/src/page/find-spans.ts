/** A stretch of a text by its first character and the one after its last. */
export interface Span {
  start: number;
  end: number;
  kind: "evidence" | "answer";
}

/** A text as it is compared: case, accents, quotation marks and runs of white space aside, with the place of each character. */
interface Folded {
  text: string;
  places: number[];
}

// A shorter text occurs everywhere and shows nothing; a longer one is no quote, and takes long to look for.
const minCharacters = 2;
const maxCharacters = 2_000;

/** Where quotes and answer occur in a text; a part around "…" is looked for after the one before it. Spans do not overlap. */
export function findSpans(text: string, { quotes, answer }: { quotes: readonly string[]; answer: string }): Span[] {
  const page = fold(text);
  const spans = quotes.flatMap((quote) => findQuote(page, quote));
  const wanted = trimEnds(fold(answer).text);
  if (wanted.length >= minCharacters && wanted.length <= maxCharacters) {
    for (let at = page.text.indexOf(wanted); at >= 0; at = page.text.indexOf(wanted, at + wanted.length)) {
      if (isWhole(page.text, at, wanted.length)) spans.push(toSpan(page, at, wanted.length, "answer"));
    }
  }
  return withoutOverlap(spans);
}

function findQuote(page: Folded, quote: string): Span[] {
  const parts = quote
    .split(/…|\.{3}/)
    .map((part) => trimEnds(fold(part).text))
    .filter((part) => part.length >= minCharacters);
  const spans: Span[] = [];
  if (parts.some((part) => part.length > maxCharacters)) return [];
  let from = 0;
  for (const part of parts) {
    const at = page.text.indexOf(part, from);
    if (at < 0) return [];
    spans.push(toSpan(page, at, part.length, "evidence"));
    from = at + part.length;
  }
  return spans;
}

function fold(text: string): Folded {
  // Joined at the end: to look at a text's end while it grows takes its whole length each time.
  const folded: string[] = [];
  const places: number[] = [];
  let place = 0;
  for (const character of text) {
    let kept = character
      .normalize("NFKD")
      .replace(/[\p{M}"'“”‘’„«»`*_]/gu, "")
      .toLowerCase();
    if (/^\s*$/.test(kept) && kept !== "") kept = folded.at(-1) === " " ? "" : " ";
    if (kept !== "") folded.push(kept);
    for (let i = 0; i < kept.length; i++) places.push(place);
    place += character.length;
  }
  places.push(text.length);
  return { text: folded.join(""), places };
}

function trimEnds(text: string): string {
  const edge = /[\s.,;:!?-]/;
  let [start, end] = [0, text.length];
  while (start < end && edge.test(text[start]!)) start++;
  while (end > start && edge.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}

/** Whether a find does not begin or end within a word. */
function isWhole(text: string, at: number, length: number): boolean {
  const inWord = (before: string | undefined, after: string | undefined) =>
    /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}]/u.test(before ?? "") &&
    /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}]/u.test(after ?? "");
  return !inWord(text[at - 1], text[at]) && !inWord(text[at + length - 1], text[at + length]);
}

function toSpan({ places }: Folded, at: number, length: number, kind: Span["kind"]): Span {
  return { start: places[at]!, end: places[at + length]!, kind };
}

/** In order of the text; a stretch of both counts as answer. */
function withoutOverlap(spans: readonly Span[]): Span[] {
  const edges = spans.flatMap(({ start, end, kind }) => [
    { at: start, kind, change: 1 },
    { at: end, kind, change: -1 },
  ]);
  const pieces: Span[] = [];
  const open = { answer: 0, evidence: 0 };
  let from = 0;
  for (const { at, kind, change } of edges.sort((a, b) => a.at - b.at)) {
    const over = open.answer > 0 ? "answer" : open.evidence > 0 ? "evidence" : undefined;
    const last = pieces.at(-1);
    if (over && last?.kind === over && last.end === from) last.end = at;
    else if (over && at > from) pieces.push({ start: from, end: at, kind: over });
    open[kind] += change;
    from = at;
  }
  return pieces;
}
