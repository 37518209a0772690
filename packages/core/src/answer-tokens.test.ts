import { describe, expect, it } from "vitest";
import { canonicalTokens } from "./answer-tokens.ts";

const same = (...forms: string[]) => {
  const [first, ...rest] = forms.map((form) => canonicalTokens(form).join(" "));
  for (const [i, other] of rest.entries()) expect(other, `${forms[i + 1]} and ${forms[0]}`).toBe(first);
};

describe("canonicalTokens", () => {
  it.each([
    ["1234", "1,234", "1\u202f234", "1'234", "one thousand two hundred and thirty-four", "1234.0"],
    ["2500000", "2.5 million", "2,500,000", "2.500.000", "two million five hundred thousand"],
    ["1500000", "1,5 Millionen", "1,5 millones", "1,5 млн", "150万", "一百五十万", "١٥٠٠٠٠٠"],
    ["100000000", "1亿", "一亿"],
    ["7", "seven", "Seven"],
    ["100", "a hundred", "one hundred", "hundred"],
    ["21st", "twenty-first", "the 21st"],
    ["3.5", "3,5", "3.50"],
    ["-5 °C", "−5 °C", "-5 °c"],
    ["0.05", "0.050"],
  ])("numbers: %s", (...forms) => same(...forms));

  it.each([
    [
      "3 March 1999",
      "March 3, 1999",
      "March 3rd, 1999",
      "the 3rd of March 1999",
      "1999-03-03",
      "03.03.1999",
      "3. März 1999",
    ],
    [
      "14 juillet 1789",
      "July 14, 1789",
      "14 de julio de 1789",
      "14. Juli 1789",
      "14 июля 1789",
      "١٤ يوليو ١٧٨٩",
      "1789年7月14日",
      "14/7/1789",
    ],
    ["Sept. 2004", "September 2004", "September of 2004", "2004年9月"],
    ["May 5", "5 May", "5th of May"],
  ])("dates: %s", (...forms) => same(...forms));

  it.each([
    ["45%", "45 percent", "45 per cent", "forty-five percent", "45 Prozent"],
    ["5 km", "5km", "five kilometres", "5 kilometers"],
    ["$5 million", "5 million dollars", "US$5,000,000"],
    ["12 km²", "12 square kilometres", "twelve square kilometers"],
    ["eight years", "8 years", "8 year"],
  ])("units: %s", (...forms) => same(...forms));

  it("keeps apart what is not the same", () => {
    const texts = ["1.5", "15", "15th", "-15", "15 %", "3 March 1999", "3 May 1999", "03/04/1999", "2,500", "2.5"];
    expect(new Set(texts.map((text) => canonicalTokens(text).join(" "))).size).toBe(texts.length);
  });
  it("finds years and months inside dates, and characters inside runs", () => {
    expect(canonicalTokens("on 3 March 1999").join(" ")).toContain("1999 month3");
    expect(canonicalTokens("桥于东京建成")).toEqual([..."桥于东京建成"]);
  });
  it("leaves accents, plurals, possessives and articles out", () => {
    same("São Paulo", "Sao Paulo");
    same("the harbour's bridges", "harbour bridge");
    expect(canonicalTokens("two of ninety-nine red and three")).toEqual(["2", "of", "99", "red", "and", "3"]);
    expect(canonicalTokens("five six seven")).toEqual(["5", "6", "7"]);
  });
});
