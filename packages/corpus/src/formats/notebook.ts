import { isObject } from "@rag-instruct/core";
import { readText } from "@rag-instruct/core/node";
import { type FormatInput, type FormatOptions, type ReadEvent, unread } from "./format.ts";
import { markdownDocument } from "./markdown.ts";

/** Jupyter notebooks: the text of their cells as Markdown, code and what it printed in fences. Pictures are not read. */
export async function* readNotebook(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { text, invalidBytes } = await readText(input, options);
  options.onInvalidBytes(invalidBytes);
  try {
    yield [{ document: markdownDocument(notebookMarkdown(JSON.parse(text)), input.source), line: 1 }];
  } catch (error) {
    yield [unread("malformed", input.name, 1, `not a notebook: ${(error as Error).message}`)];
  }
}

/** Cells stand under `cells`, and under `worksheets` up to version 3 of the format. */
function notebookMarkdown(notebook: unknown): string {
  if (!isObject(notebook)) throw new Error("it is no JSON object");
  const sheets = Array.isArray(notebook.worksheets) ? notebook.worksheets : [notebook];
  const cells = sheets.flatMap((sheet) => (isObject(sheet) && Array.isArray(sheet.cells) ? sheet.cells : []));
  const language = languageOf(notebook.metadata);
  return cells
    .filter(isObject)
    .flatMap((cell) => cellMarkdown(cell, language))
    .join("\n\n");
}

function languageOf(metadata: unknown): string {
  const info = isObject(metadata) && isObject(metadata.language_info) ? metadata.language_info.name : undefined;
  return typeof info === "string" ? info : "python";
}

function cellMarkdown(
  { cell_type: type, source, input, outputs }: Record<string, unknown>,
  language: string,
): string[] {
  const text = joined(source ?? input);
  if (type !== "code") return text.trim() === "" ? [] : [text];
  const printed = Array.isArray(outputs) ? outputs.filter(isObject).map(outputText) : [];
  return [fenced(text, language), ...printed.map((output) => fenced(output, "text"))].filter((part) => part !== "");
}

function outputText({ text, data }: Record<string, unknown>): string {
  return joined(text ?? (isObject(data) ? data["text/plain"] : undefined));
}

function joined(lines: unknown): string {
  if (typeof lines === "string") return lines;
  return Array.isArray(lines) ? lines.filter((line) => typeof line === "string").join("") : "";
}

function fenced(text: string, language: string): string {
  const fence = text.includes("```") ? "````" : "```";
  return text.trim() === "" ? "" : `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}
