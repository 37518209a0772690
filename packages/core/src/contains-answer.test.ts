import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { containsAnswer } from "./contains-answer.ts";

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
  it("finds numbers, units and dates in whatever form, in several languages", () => {
    const found: [text: string, answer: string][] = [
      ["It is 20 kilometres long.", "20 km"],
      ["It is twenty km long.", "20 kilometres"],
      ["It took 45 per cent of the votes.", "45%"],
      ["It cost 1.5 million euros.", "€1,500,000"],
      ["造价一百五十万欧元", "150万欧元"],
      ["Costó 2.500.000 pesetas.", "2,5 millones"],
      ["Sie wurde am 3. März 1999 eröffnet.", "March 3, 1999"],
      ["Мост был открыт 14 июля 1989 года.", "14/07/1989"],
      ["Ilse Brandt, José Núñez and Zoë Łuczak", "Jose Nunez and Zoe Luczak"],
      ["O’Neill's bridges", "the oneill bridge"],
    ];
    for (const [text, answer] of found) expect([answer, containsAnswer(text, answer)]).toEqual([answer, true]);
    const missing: [text: string, answer: string][] = [
      ["It is 200 kilometres long.", "20 km"],
      ["It is 20 years old and 3 km long.", "20 km"],
      ["It is 2.0 km long.", "20 km"],
      ["It cost 1.5 billion euros.", "€1,500,000"],
      ["Sie wurde am 3. Mai 1999 eröffnet.", "March 3, 1999"],
      ["It is the 21st bridge.", "21"],
    ];
    for (const [text, answer] of missing) expect([answer, containsAnswer(text, answer)]).toEqual([answer, false]);
  });
  it("does not ask for the function words at both ends of an answer", () => {
    expect(containsAnswer("The bridge (3 March 2021) is long.", "On the 3rd of March, 2021.")).toBe(true);
    expect(containsAnswer("Die Brücke ist lang; seit März 2021 wird sie genutzt.", "Im März 2021")).toBe(true);
    expect(containsAnswer("The Who played.", "The Who")).toBe(true);
  });
  it("finds a long answer that is copied in its greater part", () => {
    const answer = "The bridge was built of red granite by masons from Brittany and opened for carts in spring";
    const most = "Records say it was built of red granite by masons from Brittany and opened for carts in autumn.";
    expect(containsAnswer(most, answer)).toBe(true);
    expect(containsAnswer(`${most} é`, answer)).toBe(true);
    expect(containsAnswer("The bridge was built of granite, and masons opened it for carts.", answer)).toBe(false);
  });
  it("finds the same whether or not a text without the answer's words is passed over at once", () => {
    const pieces = ["the ", "Eiffel", " ", "towers", "'s", "`", ".", "-", "cities", "three", "3", "kilometres", "May"];
    const more = [" 4, ", "1999", "years", "about", "O'", "clock", "square", " m2", "ponies", " y", "carries"];
    const text = fc.array(fc.constantFrom(...pieces, ...more), { maxLength: 14 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, text, (before, answer, after) => {
        for (const found of [`${before}${answer}${after}`, `${before} ${answer} ${after}`, `${before}${after}`]) {
          // A text with a character outside ASCII is always cut into tokens.
          expect(containsAnswer(found, answer)).toBe(containsAnswer(`${found} “`, answer));
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
