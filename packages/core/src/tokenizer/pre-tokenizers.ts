/** Cuts a text into the pieces that a model's vocabulary is then applied to. */
export type Cut = (text: string) => string[];

const space = "\\p{White_Space}";
const mark = "\\p{P}$+<=>^`|~";
const word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d";

const marks = new RegExp(`[${mark}]`, "gu");
const numbers = /\p{N}/gu;

/** BERT's pieces: what stands between white space, and each mark alone. */
export const cutBert = matches(new RegExp(`[^${space}${mark}]+|[${mark}]`, "gu"));
/** Runs of letters and digits of any script, and runs of whatever else is not white space. */
export const cutWords = matches(new RegExp(`[${word}]+|[^${word}${space}]+`, "gu"));
/** What stands between white space. */
export const cutAtSpace = matches(new RegExp(`[^${space}]+`, "gu"));

/** Cuts at marks, which go where `behavior` says. */
export function cutAtMarks(behavior: string | undefined): Cut {
  return (text) => splitBy(text, marks, { behavior });
}

/** Cuts numbers from what is not one: each digit alone, or runs of them. */
export function cutAtNumbers({ individual }: { individual: boolean }): Cut {
  return (text) => splitBy(text, numbers, { behavior: individual ? "Isolated" : "Contiguous" });
}

function matches(pattern: RegExp): Cut {
  return (text) => text.match(pattern) ?? [];
}

interface Piece {
  start: number;
  end: number;
  isMatch: boolean;
}

/**
 * Cuts a text at what a pattern finds, in the ways of Python's tokenizers: what is found is `Removed`, stands `Isolated`,
 * goes to the piece before (`MergedWithPrevious`) or behind it (`MergedWithNext`), or with its like (`Contiguous`).
 * `invert` takes what is found for what is not, and the other way round.
 */
export function splitBy(
  text: string,
  pattern: RegExp,
  { behavior = "Isolated", invert = false }: { behavior?: string; invert?: boolean },
): string[] {
  const pieces = merged(findPieces(text, pattern, invert), behavior);
  return pieces.map(({ start, end }) => text.slice(start, end));
}

function findPieces(text: string, pattern: RegExp, invert: boolean): Piece[] {
  const pieces: Piece[] = [];
  const add = (start: number, end: number, isMatch: boolean) => {
    if (end > start) pieces.push({ start, end, isMatch: isMatch !== invert });
  };
  let last = 0;
  for (const { index, 0: found } of text.matchAll(pattern)) {
    add(last, index, false);
    add(index, index + found.length, true);
    last = index + found.length;
  }
  add(last, text.length, false);
  return pieces;
}

function merged(pieces: Piece[], behavior: string): Piece[] {
  switch (behavior) {
    case "Removed":
      return pieces.filter(({ isMatch }) => !isMatch);
    case "Contiguous":
      return joined(pieces, (piece, before) => piece.isMatch === before.isMatch);
    case "MergedWithPrevious":
      return joined(pieces, (piece, before) => piece.isMatch && !before.isMatch);
    case "MergedWithNext":
      return joined(pieces, (piece, before) => before.isMatch && !piece.isMatch);
    default:
      return pieces;
  }
}

/** Joins each piece to the one before it where they belong together. */
function joined(pieces: Piece[], belongs: (piece: Piece, before: Piece) => boolean): Piece[] {
  const result: Piece[] = [];
  for (const [i, piece] of pieces.entries()) {
    const open = result.at(-1);
    if (open && belongs(piece, pieces[i - 1]!)) open.end = piece.end;
    else result.push({ ...piece });
  }
  return result;
}
