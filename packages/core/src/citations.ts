// Numbers of documents in square brackets, several in a row or in one bracket: [1], [1][3], [1, 3].
const marks = /(?: ?\[\d{1,2}(?:, ?\d{1,2}){0,19}\])+/g;

/** The numbers of the documents that a text cites in square brackets, each once, in the order of the text. */
export function citedNumbers(text: string): number[] {
  const found = (text.match(marks) ?? []).flatMap((run) => run.match(/\d+/g)!.map(Number));
  return [...new Set(found)];
}

/**
 * A text with its citations renumbered, those of one place in order, such as `[3][7]`. One whose document has no number is left out; a text
 * without citations is left as it is.
 * @param numberOf the new number of a document by its old one
 */
export function renumberCitations(text: string, numberOf: (number: number) => number | undefined): string {
  return text.replace(marks, (run) => {
    const numbers = citedNumbers(run).map(numberOf);
    const kept = numbers.filter((number) => number !== undefined).sort((a, b) => a - b);
    if (kept.length === 0) return "";
    return (run.startsWith(" ") ? " " : "") + [...new Set(kept)].map((number) => `[${number}]`).join("");
  });
}

/** A text without its citations. */
export function withoutCitations(text: string): string {
  return renumberCitations(text, () => undefined);
}

/** The answer of a pair or an example as it reads where its documents have no numbers. */
export function plainAnswer({ answer, cites }: { answer: string; cites?: boolean }): string {
  return cites ? withoutCitations(answer) : answer;
}
