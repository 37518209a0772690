import type { Element, ParentNode } from "domhandler";
import { childOf, childrenOf, findElement, isElement } from "./html-tree.ts";

interface Level {
  format: string;
  /** What it shows; `%1` stands for the number of the first level. */
  text: string;
  start: number;
  /** The style that numbers its paragraphs at this level. */
  style?: string;
}

interface List {
  abstractId: string;
  /** Levels that begin anew where the list is first used. */
  starts: ReadonlyMap<number, number>;
}

interface NumberProperties {
  list?: string;
  level?: number;
}

interface Style {
  name: string;
  basedOn?: string;
  numbers: NumberProperties;
}

/** The numbers of a Word document's lists and headings, counted as its paragraphs come (ECMA-376 part 1, section 17.9). */
export class DocxNumbering {
  #levels = new Map<string, Map<number, Level>>();
  #links = new Map<string, string>();
  #lists = new Map<string, List>();
  #styles: ReadonlyMap<string, Style>;
  #counts = new Map<string, number[]>();
  #used = new Set<string>();

  constructor(numbering: ParentNode | undefined, styles: ParentNode | undefined) {
    this.#styles = new Map(
      elementsIn(styles, "w:style").map((style) => [style.attribs["w:styleId"] ?? "", styleOf(style)]),
    );
    for (const element of elementsIn(numbering, "w:abstractNum")) {
      const id = element.attribs["w:abstractNumId"] ?? "";
      this.#levels.set(id, new Map(childrenOf(element, "w:lvl").map(levelOf)));
      const link = stringAt(element, "w:numStyleLink");
      if (link !== undefined) this.#links.set(id, link);
    }
    for (const element of elementsIn(numbering, "w:num")) {
      const overrides = childrenOf(element, "w:lvlOverride").flatMap((override): [number, number][] => {
        const start = stringAt(override, "w:startOverride");
        return start === undefined ? [] : [[Number(override.attribs["w:ilvl"] ?? 0), Number(start)]];
      });
      const list = { abstractId: stringAt(element, "w:abstractNumId") ?? "", starts: new Map(overrides) };
      this.#lists.set(element.attribs["w:numId"] ?? "", list);
    }
  }

  /** The name of a paragraph's style, as Word has it in English, in small letters. */
  styleName(paragraph: Element): string {
    const id = styleIdOf(paragraph);
    return (id === undefined ? undefined : this.#styles.get(id)?.name)?.toLowerCase() ?? "";
  }

  /** What stands before a paragraph, `1.` or `b)`, or `-` for any bullet; undefined for one without a number. Counts it. */
  markOf(paragraph: Element): string | undefined {
    const { list: id = "0", level: stated } = this.#numbersOf(paragraph);
    const list = this.#lists.get(id);
    const abstractId = list && this.#withLevels(list.abstractId);
    const levels = abstractId === undefined ? undefined : this.#levels.get(abstractId);
    if (!list || !levels || abstractId === undefined) return undefined;
    const style = styleIdOf(paragraph);
    const byStyle = [...levels].find(([, level]) => style !== undefined && level.style === style)?.[0];
    const at = stated ?? byStyle ?? 0;
    const level = levels.get(at);
    if (!level) return undefined;
    const counts = this.#count(abstractId, at, { id, list, level });
    if (level.format === "bullet") return "-";
    return level.text.replace(/%([1-9])/g, (_, number: string) => {
      const { format = "decimal", start = 1 } = levels.get(Number(number) - 1) ?? {};
      return numeral(counts[Number(number) - 1] ?? start, format);
    });
  }

  #count(abstractId: string, at: number, { id, list, level }: { id: string; list: List; level: Level }): number[] {
    const counts = this.#counts.get(abstractId) ?? [];
    if (!this.#used.has(id)) for (const [each, start] of list.starts) counts[each] = start - 1;
    this.#used.add(id);
    counts[at] = (counts[at] ?? level.start - 1) + 1;
    // What stands deeper begins anew.
    counts.length = at + 1;
    this.#counts.set(abstractId, counts);
    return counts;
  }

  /** A list may name a style whose list has the levels. */
  #withLevels(abstractId: string): string {
    const link = this.#links.get(abstractId);
    const list = link === undefined ? undefined : this.#styles.get(link)?.numbers.list;
    return (list === undefined ? undefined : this.#lists.get(list)?.abstractId) ?? abstractId;
  }

  /** Of the paragraph itself, else of its style and those that it is based on. */
  #numbersOf(paragraph: Element): NumberProperties {
    const found = { ...numbersIn(childOf(paragraph, "w:pPr")) };
    const seen = new Set<string>();
    for (let id = styleIdOf(paragraph); id !== undefined && !seen.has(id); id = this.#styles.get(id)?.basedOn) {
      seen.add(id);
      const { list, level } = this.#styles.get(id)?.numbers ?? {};
      found.list ??= list;
      found.level ??= level;
    }
    return found;
  }
}

function elementsIn(root: ParentNode | undefined, name: string): Element[] {
  const top = root?.children.find(isElement);
  return top ? childrenOf(top, name) : [];
}

/** The `w:val` of a child. */
function stringAt(element: Element | undefined, name: string): string | undefined {
  return element && childOf(element, name)?.attribs["w:val"];
}

function styleOf(element: Element): Style {
  return {
    name: stringAt(element, "w:name") ?? "",
    basedOn: stringAt(element, "w:basedOn"),
    numbers: numbersIn(childOf(element, "w:pPr")),
  };
}

function numbersIn(properties: Element | undefined): NumberProperties {
  const numbers = properties && childOf(properties, "w:numPr");
  const level = stringAt(numbers, "w:ilvl");
  return { list: stringAt(numbers, "w:numId"), level: level === undefined ? undefined : Number(level) };
}

function styleIdOf(paragraph: Element): string | undefined {
  return stringAt(childOf(paragraph, "w:pPr"), "w:pStyle");
}

function levelOf(element: Element): [number, Level] {
  const level = {
    format: stringAt(element, "w:numFmt") ?? stringAt(findElement(element, "mc:Fallback"), "w:numFmt") ?? "decimal",
    text: stringAt(element, "w:lvlText") ?? "",
    start: Number(stringAt(element, "w:start") ?? 1),
    style: stringAt(element, "w:pStyle"),
  };
  return [Number(element.attribs["w:ilvl"] ?? 0), level];
}

const romans: readonly [number, string][] = [
  [1000, "m"],
  [900, "cm"],
  [500, "d"],
  [400, "cd"],
  [100, "c"],
  [90, "xc"],
  [50, "l"],
  [40, "xl"],
  [10, "x"],
  [9, "ix"],
  [5, "v"],
  [4, "iv"],
  [1, "i"],
];
/** Greater numbers are not written by letters. */
const maxLetters = 3999;

function numeral(number: number, format: string): string {
  const isByLetters = number > 0 && number <= maxLetters;
  if (format === "none") return "";
  if (format === "decimalZero") return String(number).padStart(2, "0");
  if (isByLetters && format === "lowerRoman") return roman(number);
  if (isByLetters && format === "upperRoman") return roman(number).toUpperCase();
  if (isByLetters && format === "lowerLetter") return letters(number);
  if (isByLetters && format === "upperLetter") return letters(number).toUpperCase();
  return String(number);
}

function roman(number: number): string {
  let rest = number;
  let text = "";
  for (const [value, letter] of romans) {
    text += letter.repeat(Math.floor(rest / value));
    rest %= value;
  }
  return text;
}

/** Behind z comes aa, then bb. */
function letters(number: number): string {
  return String.fromCharCode(97 + ((number - 1) % 26)).repeat(Math.ceil(number / 26));
}
