import { openText, readLines, readText } from "@rag-instruct/core/node";
import {
  countingInvalid,
  type FormatInput,
  type FormatOptions,
  type RawDocument,
  type ReadEvent,
  unread,
} from "./format.ts";

/** Plain text: a file is one document with the name of the file as its title. */
export async function* readPlainText(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { text, invalidBytes } = await readText(input, options);
  options.onInvalidBytes(invalidBytes);
  yield [{ document: { title: titleFromName(input.source), text, metadata: { source: input.source } }, line: 1 }];
}

/** `guides/04-getting_started.md` gives `getting started`. */
export function titleFromName(source: string): string {
  const file = source
    .split("/")
    .at(-1)!
    .replace(/\.(gz|zst)$/i, "");
  const stem = file.replace(/(?<=.)\.[A-Za-z0-9]+$/, "");
  return (
    stem
      .replace(/^\d+[-_.](?=\D)/, "")
      .replace(/[-_]+/g, " ")
      .trim() || stem
  );
}

const eventsAtOnce = 256;
/** Most characters of one document; beyond it the closing tag is taken to be missing. */
const maxDocument = 1 << 28;

/**
 * TREC collections: `<doc>` elements one after another, in upper or lower case, with `<docno>`, `<title>` or `<headline>`, and `<text>`
 * (without it, all but docno and title). It is not XML: entities stay as they are, and there need not be a root element.
 */
export async function* readTrec(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  let events: ReadEvent[] = [];
  let open: { line: number; parts: string[]; length: number } | undefined;
  for await (const { text = "", line } of readLines(countingInvalid(openText(input, options), options))) {
    if (/^\s*<doc>/i.test(text)) {
      if (open) events.push(unread("malformed", input.name, open.line, "the document is not closed by </doc>"));
      open = { line, parts: [], length: 0 };
    }
    if (!open) continue;
    open.length += text.length;
    if (open.length > maxDocument) {
      events.push(unread("too-long", input.name, open.line, "the document is too long to be held in memory"));
      open = undefined;
    } else {
      open.parts.push(text);
      if (!/<\/doc>/i.test(text)) continue;
      events.push({ document: trecDocument(open.parts.join("\n")), line: open.line });
      open = undefined;
    }
    if (events.length >= eventsAtOnce) {
      yield events;
      events = [];
    }
  }
  if (open) events.push(unread("malformed", input.name, open.line, "the document is not closed by </doc>"));
  yield events;
}

function trecDocument(source: string): RawDocument {
  const id = element(source, "docno")?.trim();
  const title = (element(source, "title") ?? element(source, "headline") ?? "").replace(/\s+/g, " ").trim();
  const text = (element(source, "text") ?? withoutHead(source)).trim();
  return { id: id || undefined, title, text };
}

function element(source: string, name: string): string | undefined {
  const open = new RegExp(`<${name}>`, "i").exec(source);
  if (!open) return undefined;
  const start = open.index + open[0].length;
  const end = source.toLowerCase().indexOf(`</${name}>`, start);
  return source.slice(start, end < 0 ? undefined : end);
}

function withoutHead(source: string): string {
  return source.replace(/<(docno|title|headline)>[\s\S]*?<\/\1>/gi, "").replace(/<\/?[a-z]+>/gi, "");
}
