import type { ChildNode, Element } from "domhandler";
import { childOf, findElement, isElement, textOf } from "./html-tree.ts";

/**
 * The formula that an element is, once, in a line: its TeX where the page has it (MathML's annotation, KaTeX, MathJax), else its MathML
 * read from left to right, with `^`, `_`, `/` and parentheses. Undefined for anything else.
 */
export function formulaText(element: Element): string | undefined {
  const { name, attribs } = element;
  if (name === "math") return texOf(element) ?? attribs.alttext ?? mathText(element);
  if (name === "script") return /^math\/tex/i.test(attribs.type ?? "") ? textOf(element) : undefined;
  const classes = ` ${attribs.class ?? ""} `;
  // KaTeX shows a formula twice: for readers of screens as MathML, for eyes as pieces of text.
  if (classes.includes(" katex-html ")) return "";
  // MathJax 2 sets what the script beside it holds, and Wikipedia hides its MathML behind a picture.
  if (/ MathJax(_Preview|_Display|_CHTML|_SVG)? /.test(classes)) return "";
  const math =
    classes.includes(" mwe-math-") || classes.includes(" katex-mathml ") ? findElement(element, "math") : undefined;
  return math && formulaText(math);
}

function texOf(math: Element): string | undefined {
  const annotation = findElement(math, "annotation", ({ attribs }) => /x-tex|latex/i.test(attribs.encoding ?? ""));
  return annotation && textOf(annotation).trim();
}

/** MathML Core by its elements (https://www.w3.org/TR/mathml-core/), in a line. */
function mathText(element: Element): string {
  const parts = element.children.filter((child) => isElement(child) || partText(child) !== "").map(partText);
  const [first = "", second = "", third = ""] = parts;
  switch (element.name) {
    case "msup":
    case "mover":
      return `${first}^${grouped(second)}`;
    case "msub":
    case "munder":
      return `${first}_${grouped(second)}`;
    case "msubsup":
    case "munderover":
      return `${first}_${grouped(second)}^${grouped(third)}`;
    case "mfrac":
      return `${grouped(first)}/${grouped(second)}`;
    case "msqrt":
      return `sqrt(${parts.join("")})`;
    case "mroot":
      return `root(${first}, ${second})`;
    case "mtr":
      return parts.join(", ");
    case "mtable":
      return `[${parts.join("; ")}]`;
    case "annotation":
    case "annotation-xml":
      return "";
    default:
      return parts.join("");
  }
}

function partText(child: ChildNode): string {
  if (isElement(child)) return mathText(child);
  return child.type === "text" ? child.data.trim() : "";
}

function grouped(text: string): string {
  return [...text].length > 1 && !/^(\d+|\(.*\))$/.test(text) ? `(${text})` : text;
}

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
