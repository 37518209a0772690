import { describe, expect, it } from "vitest";
import { answerForms, containsAnswer, normalizeAnswer } from "./answers.ts";

describe("normalizeAnswer", () => {
  it.each([
    ["The Eiffel Tower!", "eiffel tower"],
    ["  an  apple,  a pear ", "apple pear"],
    ["It's O'Neill's", "its oneills"],
    ["1,234.5 km", "1234.5 km"],
    ["1.5", "1.5"],
    ["state-of-the-art", "state of art"],
    ["Ｆｕｌｌ　ｗｉｄｔｈ", "full width"],
    ["Größe: 5", "größe 5"],
  ])("%j becomes %j", (text, normalized) => expect(normalizeAnswer(text)).toBe(normalized));

  it("keeps numbers apart that differ by their point alone", () => {
    expect(normalizeAnswer("1.05")).not.toBe(normalizeAnswer("105"));
  });
});

describe("containsAnswer", () => {
  it("finds whole words only", () => {
    expect(containsAnswer("He lives in Paris, France.", "paris")).toBe(true);
    expect(containsAnswer("a comparison", "paris")).toBe(false);
    expect(containsAnswer("105 people", "5")).toBe(false);
  });
  it("finds numbers in digits and in words", () => {
    expect(containsAnswer("There are seven bridges.", "7")).toBe(true);
    expect(containsAnswer("There are 7 bridges.", "seven")).toBe(true);
  });
  it("finds dates in the usual forms", () => {
    for (const text of ["on 4 July 1776.", "on July 4th, 1776.", "on 1776-07-04."])
      expect(containsAnswer(text, "July 4, 1776")).toBe(true);
    expect(containsAnswer("on 5 July 1776", "July 4, 1776")).toBe(false);
  });
  it("finds Chinese and Thai inside a run", () => {
    expect(containsAnswer("首都是北京市。", "北京")).toBe(true);
    expect(containsAnswer("เมืองหลวงคือกรุงเทพมหานคร", "กรุงเทพ")).toBe(true);
  });
  it("never finds an empty answer", () => {
    expect(containsAnswer("the text", "the")).toBe(false);
    expect(containsAnswer("text", "")).toBe(false);
  });
});

it("answerForms starts with the normalised answer", () => {
  expect(answerForms("The 3rd of May 2020")[0]).toBe("3rd of may 2020");
  expect(answerForms("3 May 2020")).toContain("2020-05-03");
});
