import type { Element } from "domhandler";
import { childOf, isElement, textOf } from "./html-tree.ts";

const operators: Readonly<Record<string, string>> = {
  "∑": "\\sum",
  "∏": "\\prod",
  "∐": "\\coprod",
  "∫": "\\int",
  "∬": "\\iint",
  "∭": "\\iiint",
  "∮": "\\oint",
  "⋃": "\\bigcup",
  "⋂": "\\bigcap",
  "⋁": "\\bigvee",
  "⋀": "\\bigwedge",
};
const accents: Readonly<Record<string, string>> = {
  "\u0302": "\\hat",
  "\u0303": "\\tilde",
  "\u0304": "\\bar",
  "\u0305": "\\overline",
  "\u0307": "\\dot",
  "\u0308": "\\ddot",
  "\u0306": "\\breve",
  "\u030C": "\\check",
  "\u20D7": "\\vec",
};

/**
 * A formula of Office (OMML, ECMA-376 part 1, section 22.1) as LaTeX in a line; letters and signs stay as they are. An element that is not known gives what it holds.
 */
export function officeMath(element: Element): string {
  const write = writers[element.name.replace(/^.*:/, "")];
  return write ? write(element) : inside(element);
}

const writers: Readonly<Record<string, (element: Element) => string>> = {
  t: textOf,
  delText: () => "",
  f: fraction,
  sSup: (element) => `${arg(element, "e")}${script("^", arg(element, "sup"))}`,
  sSub: (element) => `${arg(element, "e")}${script("_", arg(element, "sub"))}`,
  sSubSup: (element) => `${arg(element, "e")}${scripts(element)}`,
  sPre: (element) => `{}${scripts(element)}${arg(element, "e")}`,
  rad: root,
  nary: sum,
  d: delimited,
  m: (element) => environment("matrix", rows(element, "mr")),
  eqArr: (element) => environment("aligned", all(element, "e").map(inside)),
  func: (element) => spaced(functionName(arg(element, "fName")), arg(element, "e")),
  limLow: (element) => `${arg(element, "e")}${script("_", arg(element, "lim"))}`,
  limUpp: (element) => `${arg(element, "e")}${script("^", arg(element, "lim"))}`,
  acc: (element) => `${accents[property(element, "chr") ?? "\u0302"] ?? "\\hat"}{${arg(element, "e")}}`,
  bar: (element) => `${property(element, "pos") === "top" ? "\\overline" : "\\underline"}{${arg(element, "e")}}`,
  groupChr: (element) => `${property(element, "pos") === "top" ? "\\overbrace" : "\\underbrace"}{${arg(element, "e")}}`,
  borderBox: (element) => `\\boxed{${arg(element, "e")}}`,
};

function inside(element: Element): string {
  return element.children
    .filter(isElement)
    .filter(({ name }) => !name.endsWith("Pr"))
    .map(officeMath)
    .reduce(spaced, "");
}

/** A command keeps apart from the letter behind it. */
function spaced(before: string, after: string): string {
  return /\\[A-Za-z]+$/.test(before) && /^[\p{L}\d]/u.test(after) ? `${before} ${after}` : before + after;
}

function all(element: Element, name: string): Element[] {
  return element.children.filter(isElement).filter((child) => child.name.replace(/^.*:/, "") === name);
}

function arg(element: Element, name: string): string {
  return all(element, name).map(inside).join("");
}

/** A property such as `m:chr`, which stands in `m:naryPr` and the like; `""` where it is stated to be none. */
function property(element: Element, name: string): string | undefined {
  const properties = element.children.filter(isElement).find((child) => child.name.endsWith("Pr"));
  const found = properties && childOf(properties, `m:${name}`);
  return found && (found.attribs["m:val"] ?? "");
}

/** One character needs no braces. */
function script(mark: "^" | "_", text: string): string {
  return text === "" ? "" : `${mark}${[...text].length === 1 ? text : `{${text}}`}`;
}

function scripts(element: Element): string {
  return script("_", arg(element, "sub")) + script("^", arg(element, "sup"));
}

function fraction(element: Element): string {
  const [above, below] = [arg(element, "num"), arg(element, "den")];
  const type = property(element, "type");
  if (type === "lin" || type === "skw") return `${above}/${below}`;
  return type === "noBar" ? `{${above} \\atop ${below}}` : `\\frac{${above}}{${below}}`;
}

function root(element: Element): string {
  const degree = arg(element, "deg");
  return `\\sqrt${degree === "" ? "" : `[${degree}]`}{${arg(element, "e")}}`;
}

function sum(element: Element): string {
  const sign = property(element, "chr") ?? "∫";
  const command = `${operators[sign] ?? sign}${scripts(element)}`;
  const body = arg(element, "e");
  return body === "" ? command : `${command} ${body}`;
}

function delimited(element: Element): string {
  const [begin, end] = [property(element, "begChr") ?? "(", property(element, "endChr") ?? ")"];
  const parts = all(element, "e").map(inside);
  return braced(begin) + parts.join(property(element, "sepChr") ?? "|") + braced(end);
}

function braced(delimiter: string): string {
  return /^[{}]$/.test(delimiter) ? `\\${delimiter}` : delimiter;
}

function rows(element: Element, name: string): string[] {
  return all(element, name).map((row) => all(row, "e").map(inside).join(" & "));
}

function environment(name: string, lines: readonly string[]): string {
  return `\\begin{${name}}${lines.join(" \\\\ ")}\\end{${name}}`;
}

function functionName(name: string): string {
  return /^(sin|cos|tan|cot|sec|csc|sinh|cosh|tanh|log|ln|lg|exp|det|dim|ker|gcd|min|max|sup|inf|lim|arg)(?![a-z])/.test(
    name,
  )
    ? `\\${name}`
    : name;
}
