/**
 * How alike two texts are, 0 to 1: twice the characters in common blocks over all characters, where the longest common
 * block is found first and the rest is matched on both sides of it (Ratcliff and Obershelp 1988). It gives the figures of
 * Python's `difflib.SequenceMatcher(None, a, b).ratio()`, which the published scorer rests on: characters are code points,
 * ties go to the earliest block of `a`, then of `b`, and where `b` has 200 characters or more, those that make up more
 * than one in a hundred of it start no block ("autojunk").
 */
export function similarity(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  const total = left.length + right.length;
  if (total === 0) return 1;
  const places = placesOf(right);
  let matched = 0;
  const spans: Span[] = [{ aFrom: 0, aTo: left.length, bFrom: 0, bTo: right.length }];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const block = longestBlock({ left, right, places }, span);
    if (block.size === 0) continue;
    matched += block.size;
    spans.push({ aFrom: span.aFrom, aTo: block.a, bFrom: span.bFrom, bTo: block.b });
    spans.push({ aFrom: block.a + block.size, aTo: span.aTo, bFrom: block.b + block.size, bTo: span.bTo });
  }
  return (2 * matched) / total;
}

const popularFrom = 200;

interface Span {
  aFrom: number;
  aTo: number;
  bFrom: number;
  bTo: number;
}

interface Texts {
  left: readonly string[];
  right: readonly string[];
  /** Where each character stands in `right`; popular ones are left out. */
  places: ReadonlyMap<string, readonly number[]>;
}

function placesOf(characters: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [at, character] of characters.entries()) {
    const list = places.get(character);
    if (list) list.push(at);
    else places.set(character, [at]);
  }
  if (characters.length >= popularFrom) {
    const most = Math.floor(characters.length / 100) + 1;
    for (const [character, list] of places) if (list.length > most) places.delete(character);
  }
  return places;
}

function longestBlock({ left, right, places }: Texts, span: Span): { a: number; b: number; size: number } {
  let best = { a: span.aFrom, b: span.bFrom, size: 0 };
  let runs = new Map<number, number>();
  for (let i = span.aFrom; i < span.aTo; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(left[i]!) ?? []) {
      if (j < span.bFrom) continue;
      if (j >= span.bTo) break;
      const size = (runs.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    runs = next;
  }
  return widened(best, { left, right, span });
}

// Popular characters start no block, but they belong to one that they touch.
function widened(
  block: { a: number; b: number; size: number },
  { left, right, span }: { left: readonly string[]; right: readonly string[]; span: Span },
): { a: number; b: number; size: number } {
  let { a, b, size } = block;
  while (a > span.aFrom && b > span.bFrom && left[a - 1] === right[b - 1]) {
    a--;
    b--;
    size++;
  }
  while (a + size < span.aTo && b + size < span.bTo && left[a + size] === right[b + size]) size++;
  return { a, b, size };
}
