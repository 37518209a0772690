/** A table or a fence of code inside a text, which is not cut where a passage has room for it. */
export interface SolidBlock {
  /** Where it begins and ends, as indexes into the text. */
  at: number;
  end: number;
  kind: "table" | "fence";
}

/**
 * The tables and fences of a text, in order, as Markdown has them and the readers of other formats write them: rows with bars below a
 * line that parts the header from them, and what stands between two lines of backticks or tildes.
 */
export function findSolidBlocks(text: string): SolidBlock[] {
  if (!/```|~~~|\|/.test(text)) return [];
  const blocks: SolidBlock[] = [];
  let fence: { at: number; marks: string } | undefined;
  let table: SolidBlock | undefined;
  let before = { at: 0, line: "" };
  for (const { 0: whole, index: at } of text.matchAll(/[^\n]+\n?|\n/g)) {
    const line = whole.trim();
    const end = at + whole.length;
    const marks = /^(?:`{3,}|~{3,})/.exec(line)?.[0];
    if (fence) {
      if (marks !== line || !marks.startsWith(fence.marks)) continue;
      blocks.push({ at: fence.at, end, kind: "fence" });
      fence = undefined;
    } else if (marks !== undefined) {
      table = undefined;
      fence = { at, marks };
    } else if (table && line.includes("|")) table.end = end;
    else if (isBelowHeader(line) && before.line.includes("|")) {
      table = { at: before.at, end, kind: "table" };
      blocks.push(table);
    } else table = undefined;
    before = { at, line };
  }
  return blocks;
}

/** Whether a line may part the header of a table from its rows. */
function isBelowHeader(line: string): boolean {
  return line.includes("|") && line.includes("-") && /^[\s|:-]+$/.test(line);
}
