import type { ChildNode, Element } from "domhandler";
import { findElement, isElement, textOf } from "./html-tree.ts";

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
