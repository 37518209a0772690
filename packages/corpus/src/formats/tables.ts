/** Rows of cells as a table of Markdown, the first row its header; `""` where there is none. A cell's lines are joined, its bars escaped. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const width = Math.max(0, ...rows.map((row) => row.length));
  if (rows.length === 0 || width === 0) return "";
  const line = (cells: readonly string[]) =>
    `| ${Array.from({ length: width }, (_, at) => cellText(cells[at] ?? "")).join(" | ")} |`;
  const [header = [], ...body] = rows;
  return [line(header), `|${" --- |".repeat(width)}`, ...body.map(line)].join("\n");
}

function cellText(text: string): string {
  return text.replace(/\s+/g, " ").trim().replaceAll("|", "\\|");
}
