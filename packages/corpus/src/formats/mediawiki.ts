import { importPeer, openText } from "@rag-instruct/core/node";
import { Parser } from "htmlparser2";
import {
  countingInvalid,
  type FormatInput,
  type FormatOptions,
  type Heading,
  type RawDocument,
  type ReadEvent,
  unread,
} from "./format.ts";
import { markdownTable } from "./text.ts";

/** A page of a dump, as its elements come. */
interface DumpPage {
  title: string;
  namespace: string;
  id: string;
  isRedirect: boolean;
  text: string;
}

const emptyPage: DumpPage = { title: "", namespace: "0", id: "", isRedirect: false, text: "" };

/**
 * XML dumps of MediaWiki, such as `simplewiki-latest-pages-articles.xml.bz2`: each article is a document, its wikitext made plain by the
 * optional peer wtf_wikipedia, with its headings and tables. Redirects and pages of other namespaces (talk, templates, categories) are
 * left out and counted.
 */
export async function* readMediaWiki(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { default: wtf } = await importPeer("wtf_wikipedia", () => import("wtf_wikipedia"));
  const pages: DumpPage[] = [];
  const parser = dumpParser((page) => pages.push(page));
  const decoder = new TextDecoder();
  let number = 0;
  for await (const chunk of countingInvalid(openText(input, options), options)) {
    parser.write(decoder.decode(chunk, { stream: true }));
    yield takeEvents();
  }
  parser.end();
  yield takeEvents();

  function takeEvents(): ReadEvent[] {
    return pages.splice(0).flatMap((page): ReadEvent[] => {
      number += 1;
      if (page.namespace !== "0") options.onLeftOut("other-namespace", { at: number });
      else if (page.isRedirect) options.onLeftOut("redirect", { at: number });
      else {
        try {
          return [{ document: articleOf(wtf(page.text, { title: page.title }), page), line: number }];
        } catch (error) {
          const detail = `the wikitext of "${page.title}" cannot be read: ${(error as Error).message}`;
          return [unread("malformed", input.name, number, detail)];
        }
      }
      return [];
    });
  }
}

/** The first revision of a page is the only one of a dump of articles; of a full history the last one counts. */
function dumpParser(onPage: (page: DumpPage) => void): Parser {
  let page = { ...emptyPage };
  const path: string[] = [];
  let text = "";
  return new Parser(
    {
      onopentag(name) {
        path.push(name);
        text = "";
        if (name === "page") page = { ...emptyPage };
        if (name === "redirect") page.isRedirect = true;
      },
      ontext(part) {
        text += part;
      },
      onclosetag(name) {
        path.pop();
        const parent = path.at(-1);
        if (name === "page") onPage(page);
        else if (name === "text" && parent === "revision") page.text = text;
        else if (parent === "page" && name === "title") page.title = text;
        else if (parent === "page" && name === "ns") page.namespace = text.trim();
        else if (parent === "page" && name === "id") page.id = text.trim();
        text = "";
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
}

/** As the library has it; its types say no more than object. */
interface Table {
  keyValue(): Record<string, string>[];
}

type Article = ReturnType<typeof import("wtf_wikipedia")["default"]>;

function articleOf(article: Article, { id, title }: DumpPage): RawDocument {
  const headings: Heading[] = [];
  let text = "";
  for (const section of article.sections()) {
    const tables = [section.tables()].flat() as Table[];
    const found = [section.title(), section.text({}), ...tables.map((table) => tableOf(table.keyValue()))];
    const parts = found.filter((part) => part.trim() !== "");
    if (section.title() !== "" && parts.length === 1) continue;
    if (parts.length === 0) continue;
    if (section.title() !== "") headings.push({ at: text.length, depth: section.depth() + 1, title: section.title() });
    text += `${parts.join("\n\n")}\n\n`;
  }
  return { id: id || undefined, title, text: text.trim(), headings: headings.length > 0 ? headings : undefined };
}

function tableOf(records: Record<string, string>[]): string {
  const columns = [...new Set(records.flatMap((row) => Object.keys(row)))];
  return markdownTable([columns, ...records.map((row) => columns.map((name) => row[name] ?? ""))]);
}
