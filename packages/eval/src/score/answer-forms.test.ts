import { expect, it } from "vitest";
import { answerForms } from "./answer-forms.ts";

it("answerForms starts with the normalised answer", () => {
  expect(answerForms("The 3rd of May 2020")[0]).toBe("3rd of may 2020");
  expect(answerForms("3 May 2020")).toContain("2020-05-03");
});
