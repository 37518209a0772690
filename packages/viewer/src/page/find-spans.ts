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

// A shorter text occurs everywhere and shows nothing.
const minCharacters = 2;

/** Where quotes and answer occur in a text; a part around "…" is looked for after the one before it. Spans do not overlap. */
export function findSpans(text: string, { quotes, answer }: { quotes: readonly string[]; answer: string }): Span[] {
  const page = fold(text);
  const spans = quotes.flatMap((quote) => findQuote(page, quote));
  const wanted = trimEnds(fold(answer).text);
  if (wanted.length >= minCharacters) {
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
  let folded = "";
  const places: number[] = [];
  let place = 0;
  for (const character of text) {
    let kept = character
      .normalize("NFKD")
      .replace(/[\p{M}"'“”‘’„«»`*_]/gu, "")
      .toLowerCase();
    if (/^\s*$/.test(kept) && kept !== "") kept = folded.endsWith(" ") ? "" : " ";
    folded += kept;
    for (let i = 0; i < kept.length; i++) places.push(place);
    place += character.length;
  }
  places.push(text.length);
  return { text: folded, places };
}

function trimEnds(text: string): string {
  return text.replace(/^[\s.,;:!?-]+|[\s.,;:!?-]+$/g, "");
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
  const edges = [...new Set(spans.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const pieces: Span[] = [];
  for (let i = 0; i + 1 < edges.length; i++) {
    const start = edges[i]!;
    const end = edges[i + 1]!;
    const over = spans.filter((span) => span.start <= start && span.end >= end);
    const kind = over.some((span) => span.kind === "answer") ? "answer" : "evidence";
    const last = pieces.at(-1);
    if (over.length === 0) continue;
    if (last && last.kind === kind && last.end === start) last.end = end;
    else pieces.push({ start, end, kind });
  }
  return pieces;
}
