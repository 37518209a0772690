import { describe, expect, it } from "vitest";
import { pdfOf } from "../../test/pdf-of.ts";
import type { ReadEvent } from "./format.ts";
import { readPdf } from "./pdf.ts";

async function textOf(content: string): Promise<string> {
  async function* bytes() {
    yield pdfOf([{ content }]);
  }
  const options = { fields: {}, onInvalidBytes: () => {}, onLeftOut: () => {} };
  const events = await Array.fromAsync(readPdf({ name: "a.pdf", source: "a.pdf", bytes: bytes() }, options));
  const [event] = events.flat() as ReadEvent[];
  return event && "document" in event ? event.document.text : "";
}

/** Letters drawn one by one, 12 points high, with a gap between them. */
function lettersAt(y: number, text: string, gap: number): string {
  let x = 60;
  return [...text]
    .map((letter) => {
      const drawn = letter === " " ? "" : `BT /F1 12 Tf 1 0 0 1 ${x} ${y} Tm (${letter}) Tj ET\n`;
      x += widths[letter]! * 12 + gap;
      return drawn;
    })
    .join("");
}

/** Of letters in Helvetica. */
const widths: Readonly<Record<string, number>> = Object.fromEntries([
  ...[..."Aabcdeghnopqu023456789"].map((letter) => [letter, letter === "A" ? 0.667 : letter === "c" ? 0.5 : 0.556]),
  ...[..." ilt"].map((letter) => [letter, letter === " " || letter === "t" ? 0.278 : 0.222]),
  ["R", 0.722],
  ["r", 0.333],
]);

describe("letters that stand apart", () => {
  it.each([
    ["by their places", lettersAt(700, "Annual Report 2024", 3), "Annual Report 2024"],
    ["by a wide spacing", "BT /F1 12 Tf 6 Tc 60 700 Td (Annual Report) Tj ET", "Annual Report"],
    [
      "by a spacing under which all gaps look alike",
      "BT /F1 12 Tf 1.6 Tc 60 700 Td (Annual Report) Tj ET",
      "Annual Report",
    ],
    ["by spaces between them", "BT /F1 12 Tf 60 700 Td (A n n u a l  R e p o r t) Tj ET", "Annual Report"],
    ["in one word", "BT /F1 12 Tf 60 700 Td (C O N T E N T S) Tj ET", "CONTENTS"],
    [
      "within a form",
      "q 2 0 0 2 0 0 cm BT /F1 6 Tf 14 TL 1.6 Tc 30 350 Td (Annual Report) Tj T* (Second line) Tj ET Q",
      "Annual Report\nSecond line",
    ],
    ["in Chinese", "BT /F2 12 Tf 5 Tc 60 700 Td <76EE5F554E0E68079898> Tj ET", "目录与标题"],
  ])("are words: %s", async (_, content, expected) => {
    expect(await textOf(content)).toBe(expected);
  });

  it.each(["A B C D E", "x y z", "1 0 1 1 0 1", "I am a p value of 5", "J R R Tolkien"])("stay: %s", async (text) => {
    expect(await textOf(`BT /F1 12 Tf 60 700 Td (${text}) Tj ET`)).toBe(text);
  });
});
