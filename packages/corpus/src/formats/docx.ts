import { importPeer, readAllBytes } from "@rag-instruct/core/node";
import { type ChildNode, Element, type ParentNode, Text } from "domhandler";
import { DomUtils, parseDocument } from "htmlparser2";
import { DocxNumbering } from "./docx-numbering.ts";
import { type FormatInput, type FormatOptions, type ReadEvent, unread } from "./format.ts";
import { officeMath } from "./formulas.ts";
import { htmlText } from "./html.ts";
import { childOf, findElement, isElement, textOf } from "./html-tree.ts";
import { fileDocument, statedTitle } from "./text.ts";
import { unzip, zipOf } from "./zip.ts";

/** Most bytes of a document, packed and unpacked. */
const maxBytes = 1 << 26;
const maxUnpackedBytes = 1 << 28;

/**
 * Word documents (DOCX) with their headings, tables as Markdown, formulas as LaTeX and numbers of lists, by the optional peer mammoth.
 * Pictures and linked files are left alone.
 */
export async function* readDocx(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { default: mammoth } = await importPeer("mammoth", () => import("mammoth"));
  const packed = await readAllBytes(input, { maxBytes });
  options.signal?.throwIfAborted();
  try {
    const parts = await unzip(packed, { name: input.name, maxUnpackedBytes, wanted: /\.(xml|rels)$/i });
    const title = completeParts(parts);
    const buffer = zipOf(Object.fromEntries(parts));
    const convertImage = mammoth.images.imgElement(async () => ({ src: "" }));
    const styleMap = [`p.${listStyle} => div:fresh`];
    const { value } = await mammoth.convertToHtml({ buffer }, { convertImage, styleMap, externalFileAccess: false });
    const { text, headings } = htmlText(parseDocument(value));
    yield [{ document: fileDocument(input.source, { title, text, headings }), line: 1 }];
  } catch (error) {
    yield [unread("malformed", input.name, 1, `not a Word document that can be read: ${(error as Error).message}`)];
  }
}

/** The style of a line of a list, whose number is written out. */
const listStyle = "ListLine";

/** The parts of a Word document that are read, by their paths. */
type DocxParts = Map<string, Buffer>;

/**
 * Writes out in the parts of a Word document what its reader does not know: formulas as LaTeX, the numbers of lists and headings, text boxes
 * without an old form beside the new one; and parts words at the end of a page. Gives the title: the text in the style of titles, else the one that
 * the document states.
 */
function completeParts(parts: DocxParts): string | undefined {
  const numbering = new DocxNumbering(xmlOf(parts, "word/numbering.xml"), xmlOf(parts, "word/styles.xml"));
  let title: string | undefined;
  for (const name of [...parts.keys()].filter((each) => /^word\/(document\d*|footnotes|endnotes)\.xml$/.test(each))) {
    const part = xmlOf(parts, name)!;
    title ??= titleIn(part, numbering);
    complete(part, numbering);
    parts.set(name, Buffer.from(DomUtils.getOuterHTML(part, { xmlMode: true, encodeEntities: "utf8" })));
  }
  const core = xmlOf(parts, "docProps/core.xml");
  const stated = core && findElement(core, "dc:title");
  return title ?? statedTitle(stated && textOf(stated));
}

function xmlOf(parts: DocxParts, name: string): ParentNode | undefined {
  const bytes = parts.get(name);
  return bytes && parseDocument(bytes.toString("utf8"), { xmlMode: true });
}

function titleIn(node: ParentNode, numbering: DocxNumbering): string | undefined {
  const inTitleStyle = findElement(node, "w:p", (paragraph) => {
    return numbering.styleName(paragraph) === "title" && writtenText(paragraph) !== "";
  });
  return inTitleStyle && writtenText(inTitleStyle);
}

/** The text of a paragraph without what was deleted and what fields compute from. */
function writtenText(paragraph: Element): string {
  const texts = DomUtils.getElementsByTagName("w:t", paragraph.children).map(textOf);
  return texts.join("").replace(/\s+/g, " ").trim();
}

function complete(node: ParentNode, numbering: DocxNumbering): void {
  for (const child of [...node.children]) {
    if (!isElement(child)) continue;
    if (child.name === "m:oMathPara" || child.name === "m:oMath") {
      DomUtils.replaceElement(child, runOf(officeMath(child)));
      continue;
    }
    if (child.name === "w:br" && /^(page|column)$/.test(child.attribs["w:type"] ?? "")) delete child.attribs["w:type"];
    if (child.name === "mc:AlternateContent") addFallback(child);
    // Of two forms of the same content the old one is read.
    if (child.name === "mc:Choice" && node.children.some((other) => isElement(other) && other.name === "mc:Fallback"))
      continue;
    if (child.name === "w:p") writeNumber(child, numbering);
    complete(child, numbering);
  }
}

function writeNumber(paragraph: Element, numbering: DocxNumbering): void {
  const mark = numbering.markOf(paragraph);
  const properties = childOf(paragraph, "w:pPr");
  if (mark === undefined || writtenText(paragraph) === "") return;
  const isHeading = /^(heading \d|title)/.test(numbering.styleName(paragraph));
  const own = properties ?? new Element("w:pPr", {});
  const kept = own.children.filter((child) => isElement(child) && !/^w:(numPr|pStyle)$/.test(child.name));
  const style = isHeading ? childOf(own, "w:pStyle") : new Element("w:pStyle", { "w:val": listStyle });
  setChildren(own, style ? [style, ...kept] : kept);
  const run = mark === "" ? [] : [runOf(`${mark} `)];
  setChildren(paragraph, [own, ...run, ...paragraph.children.filter((child) => child !== properties)]);
}

function setChildren(element: Element, children: readonly ChildNode[]): void {
  for (const child of [...element.children]) DomUtils.removeElement(child);
  for (const child of children) DomUtils.appendChild(element, child);
}

function runOf(text: string): Element {
  return new Element("w:r", {}, [new Element("w:t", { "xml:space": "preserve" }, [new Text(text)])]);
}

/** Text boxes that only new programs know get the form of old ones beside it. */
function addFallback(element: Element): void {
  if (childOf(element, "mc:Fallback")) return;
  const boxes = DomUtils.getElementsByTagName("w:txbxContent", element.children);
  if (boxes.length === 0) return;
  const shapes = boxes.map((box) => new Element("v:textbox", {}, [box.cloneNode(true)]));
  const picture = new Element("w:pict", { "xmlns:v": "urn:schemas-microsoft-com:vml" }, [
    new Element("v:shape", {}, shapes),
  ]);
  DomUtils.appendChild(element, new Element("mc:Fallback", {}, [picture]));
}
