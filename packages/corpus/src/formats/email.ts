import { importPeer, openBytes, readAllBytes } from "@rag-instruct/core/node";
import { parseDocument } from "htmlparser2";
import { type FormatInput, type FormatOptions, type RawDocument, type ReadEvent, unread } from "./format.ts";
import { htmlDocument, htmlText } from "./html.ts";
import { fileDocument } from "./text.ts";

/** Most bytes of a message, or of a mailbox. */
const maxBytes = 1 << 28;

/**
 * Messages (EML), mailboxes (mbox: each message is a document) and saved pages (MHTML), by the optional peer postal-mime. The subject is
 * the title; attachments are left out and counted.
 */
export async function* readEmail(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { default: PostalMime } = await importPeer("postal-mime", () => import("postal-mime"));
  const bytes = await readAllBytes(openBytes(input), { maxBytes });
  let line = 0;
  for (const message of messagesOf(bytes)) {
    options.signal?.throwIfAborted();
    line += 1;
    try {
      const mail = await PostalMime.parse(message);
      const attached = mail.attachments.filter(({ related }) => !related).length;
      if (attached > 0) options.onLeftOut("attachment", { count: attached, at: line });
      yield [{ document: messageDocument(mail, input.source), line }];
    } catch (error) {
      yield [unread("malformed", input.name, line, `not a message: ${(error as Error).message}`)];
    }
  }
}

interface Mail {
  subject?: string;
  from?: { name?: string; address?: string };
  date?: string;
  text?: string;
  html?: string;
  headers?: readonly { key: string; value: string }[];
}

function messageDocument({ subject, from, date, text, html, headers = [] }: Mail, source: string): RawDocument {
  const isPage = html !== undefined && headers.some(({ key }) => key === "snapshot-content-location");
  const isBare = html !== undefined && (text === undefined || text.trim() === "");
  if (isPage || (isBare && from?.address === undefined)) return htmlDocument(html!, source);
  const body = isBare ? htmlText(parseDocument(html)).text : (text ?? "");
  const sender = from?.address || from?.name || undefined;
  return fileDocument(source, { title: subject?.trim(), text: body.trim(), metadata: { source, from: sender, date } });
}

/** The messages of a mailbox, which `From ` parts at the beginning of a line after a blank one (RFC 4155); else the one that it is. */
function messagesOf(bytes: Buffer): Buffer[] {
  const text = bytes.toString("latin1");
  if (!/^From \S+/.test(text)) return [bytes];
  const parts = text.split(/(?:^|\r?\n\r?\n)(?=From [^\n]{1,200}\d{4}\r?\n)/).filter((part) => part.trim() !== "");
  return parts.map((part) => Buffer.from(part.replace(/^From [^\n]*\n/, "").replace(/^>(>*From )/gm, "$1"), "latin1"));
}
