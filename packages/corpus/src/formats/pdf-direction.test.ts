import { describe, expect, it } from "vitest";
import { rightToLeftText } from "./pdf-direction.ts";

/** Pieces as they stand from left to right; a space is a gap. */
function placed(shown: readonly string[]) {
  let left = 0;
  return shown.flatMap((text) => {
    const right = left + 6 * text.length;
    const part = { text, left, right, y: 0, size: 12 };
    left = right;
    return text === " " ? [] : [part];
  });
}

describe("lines that run from right to left", () => {
  it.each([
    ["letter by letter", ["ם", "ו", "ל", "ש", " ", "ר", "מ", "א"], "אמר שלום"],
    ["brackets, seen from the other side", ["(", "שלום", ")", " ", "אמר"], "אמר (שלום)"],
    [
      "numbers and foreign words",
      ["42", " ", "מספר", " ", "Example", " ", "Shop", " ", "בחנות", " ", "שלום"],
      "שלום בחנות Example Shop מספר 42",
    ],
    ["an end of a sentence", [".", "שלום"], "שלום."],
    [
      "in a line from left to right",
      ["The", " ", "word", " ", "עולם", " ", "שלום", " ", "means", " ", "peace"],
      "The word שלום עולם means peace",
    ],
  ])("are read: %s", (_, shown, expected) => {
    expect(rightToLeftText(placed(shown))).toBe(expected);
    expect(rightToLeftText(placed(shown).reverse())).toBe(expected);
  });

  it("keeps what PDF.js has put in order, with its brackets turned back, and those that stand rightly", () => {
    const whole = (text: string) => rightToLeftText([{ text, left: 0, right: 99, y: 0, size: 12 }]);
    expect(whole("המחיר )כולל מס( הוא 25")).toBe("המחיר (כולל מס) הוא 25");
    expect(whole("המחיר (כולל מס) הוא 25")).toBe("המחיר (כולל מס) הוא 25");
  });
});
