import type { Segment } from "./pdf-items.ts";

/** What is read here of an annotation, as PDF.js has it. */
interface Annotation {
  subtype?: string;
  /** `Tx` text, `Ch` choice, `Btn` box or button, `Sig` signature. */
  fieldType?: string;
  fieldValue?: unknown;
  rect?: number[];
  hidden?: boolean;
  password?: boolean;
  checkBox?: boolean;
  radioButton?: boolean;
  /** The value at which a box or a button is on. */
  exportValue?: string;
  buttonValue?: string;
  options?: { exportValue?: string; displayValue?: string }[];
  contentsObj?: { str?: string };
}

/**
 * Puts what is filled in on a page's form (AcroForm), and what is typed onto it as free text, where it stands: at its label's line where there is one, else
 * as a line of its own. Boxes are `[x]` and `[ ]`; passwords stay out.
 */
export function formMarks(segments: Segment[], annotations: readonly Annotation[]): void {
  const marks = annotations
    .flatMap((annotation) => {
      const [left = 0, bottom = 0, right = 0, top = 0] = annotation.rect ?? [];
      const text = markText(annotation);
      return text === "" ? [] : [{ text, left, right, bottom, top }];
    })
    .sort((a, b) => b.top - a.top || a.left - b.left);
  let line = Math.max(0, ...segments.map((segment) => segment.line));
  for (const { text, left, right, bottom, top } of marks) {
    const height = top - bottom;
    const beside = segments.filter(({ y, size }) => y < top + size / 4 && y + size / 2 > bottom);
    // The label stands before its field; a box stands before its label.
    const before = beside.filter((segment) => segment.left < left).sort((a, b) => b.left - a.left)[0];
    const after = beside.filter((segment) => segment.left >= left).sort((a, b) => a.left - b.left)[0];
    const near = before ?? after;
    line += 1;
    const mark: Segment = {
      text,
      left,
      right,
      y: near?.y ?? bottom + height / 4,
      size: near?.size ?? Math.min(height, 12),
      line: near?.line ?? line,
    };
    segments.splice(placeOf(segments, mark, { before, after }), 0, mark);
  }
}

function placeOf(
  segments: readonly Segment[],
  mark: Segment,
  { before, after }: { before: Segment | undefined; after: Segment | undefined },
): number {
  if (before) return segments.indexOf(before) + 1;
  if (after) return segments.indexOf(after);
  const below = segments.findIndex(({ y }) => y < mark.y);
  return below < 0 ? segments.length : below;
}

function markText(annotation: Annotation): string {
  const { subtype, fieldType, fieldValue, hidden, password } = annotation;
  if (hidden || password) return "";
  if (subtype === "FreeText") return annotation.contentsObj?.str?.trim() ?? "";
  if (subtype !== "Widget") return "";
  if (fieldType === "Tx") return typeof fieldValue === "string" ? fieldValue.trim() : "";
  if (fieldType === "Ch") return choiceText(annotation);
  if (annotation.checkBox) return fieldValue === annotation.exportValue ? "[x]" : "[ ]";
  if (annotation.radioButton) return fieldValue === annotation.buttonValue ? "[x]" : "[ ]";
  return "";
}

function choiceText({ fieldValue, options = [] }: Annotation): string {
  const shown = (value: unknown) => options.find(({ exportValue }) => exportValue === value)?.displayValue ?? value;
  return [fieldValue].flat().map(shown).filter(isText).join(", ");
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

const listMark = /^(?:[•◦▪▫‣⁃–—*·●○■□➢➤✓✔-]|\(?(?:\d{1,3}|\p{L}|[ivx]{1,5})[.)])$/u;
/** A mark stands at most so many heights of its letters before its item. */
const maxToItem = 4;

/** Puts marks of lists that were drawn apart from their items, such as all of a page's at its end, before them. */
export function joinListMarks(segments: Segment[]): void {
  for (const mark of segments.filter(({ text }) => listMark.test(text))) {
    const at = segments.indexOf(mark);
    if (segments[at + 1]?.line === mark.line || segments[at - 1]?.line === mark.line) continue;
    const [item] = segments
      .filter(({ left, y }) => left >= mark.right && Math.abs(y - mark.y) < mark.size / 2)
      .sort((a, b) => a.left - b.left);
    if (!item || item.left - mark.right > maxToItem * mark.size || listMark.test(item.text)) continue;
    segments.splice(at, 1);
    segments.splice(segments.indexOf(item), 0, Object.assign(mark, { line: item.line }));
  }
}
