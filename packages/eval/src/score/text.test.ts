import { describe, expect, it } from "vitest";
import { scoreItem } from "./score-item.ts";

const isRight = (gold: string, output: string, question?: string) =>
  scoreItem("popqa", { golds: [gold], question }, output).correct;

describe("golds as people write them", () => {
  it.each([
    ["Johann Sebastian Bach", "J. S. Bach"],
    ["John F. Kennedy", "John Fitzgerald Kennedy"],
    ["Martin Luther King Jr.", "Martin Luther King"],
    ["Apple Inc.", "It was Apple."],
    ["Henry VIII", "Henry the Eighth"],
    ["World War II", "during the Second World War"],
    ["World War II", "WWII"],
    ["United States of America", "in the United States"],
    ["July 20, 1969", "the 20th of July, 1969"],
    ["July 20, 1969", "20.7.1969"],
    ["July 20, 1969", "07/20/1969"],
    ["20 July 1969", "1969年7月20日"],
    ["two thirds", "2/3"],
    ["one quarter", "a quarter"],
    ["color", "colour"],
    ["theater", "a theatre"],
    ["Spider-Man", "Spiderman"],
    ["YouTube", "You Tube"],
    ["email", "by e-mail"],
    ["rock 'n' roll", "rock and roll"],
    ["Αθήνα", "ΑΘΗΝΑ"],
    ["Москва", "Москва́"],
    ["ירושלים", "בירושלים"],
    ["القاهرة", "في والقاهرة"],
    ["北京", "不是上海，是北京。"],
  ])("%s: %s", (gold, output) => {
    expect(isRight(gold, output)).toBe(true);
  });

  it.each([
    ["Johann Sebastian Bach", "J. C. Bach"],
    ["Martin Luther King Jr.", "Martin Luther King Sr."],
    ["Henry VIII", "Henry the Seventh"],
    ["World War II", "the First World War"],
    ["two thirds", "1/3"],
    ["Paris", "either Paris or Lyon"],
    ["Lyon", "either Paris or Lyon"],
    ["Virginia", "West Virginia"],
    ["Ireland", "Northern Ireland"],
    ["北京", "不是北京，是上海。"],
    ["東京", "東京ではない"],
    ["서울", "서울이 아니라 부산입니다"],
    ["children", "You Tube"],
  ])("%s is not: %s", (gold, output) => {
    expect(isRight(gold, output)).toBe(false);
  });

  it("leaves a word of a name out, but takes no other for it", () => {
    expect(isRight("Los Angeles Lakers", "the Lakers", "Which team won?")).toBe(true);
    expect(isRight("Los Angeles Lakers", "Los Angeles Clippers", "Which team won?")).toBe(false);
  });

  it.each([
    ["206588", "$206.6 thousand", true],
    ["1200", "$1.2 billion", true],
    ["1200", "$1.3 billion", false],
    ["5", "five", true],
    ["0", "There was no change.", true],
    ["100", "one hundred", true],
  ])("figures: %s, %s", (gold, output, correct) => {
    expect(scoreItem("convfinqa", { golds: [gold] }, output).correct).toBe(correct);
  });
});
