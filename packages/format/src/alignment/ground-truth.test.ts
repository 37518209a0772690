import type { TrainingExample } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { groundTruthOf } from "./ground-truth.ts";

const text =
  "Ann Lee kept the lamp from 3 March 1999 to 2004. It burned 1.2 million litres, 13.5% of the town's, for $5,000. 12 keepers served; C was one.";

function truthOf(answer: string, more: Partial<TrainingExample> = {}) {
  const documents: TrainingExample["documents"] = [
    { id: "s", title: "The lamp", text, role: "source" },
    { id: "n", title: "", text: "Bob Ray left.", role: "noise" },
  ];
  return groundTruthOf({ id: "e", paradigm: "single-doc-answer", question: "?", answer, documents, ...more });
}

describe("groundTruthOf", () => {
  it.each([
    ["Ann Lee", "text"],
    ["On 3 March 1999.", "text"],
    ["twelve keepers", "text"],
    ["2004", "text"],
    ["12", "text"],
    ["1.2 million", "figure"],
    ["13.5%", "figure"],
    ["$5,000.", "figure"],
  ])("takes the short answer %j that a source states as %s", (answer, kind) => {
    expect(truthOf(answer)).toEqual({ answer, kind, options: [] });
  });

  it.each([
    ["Yes.", "yes", ["yes", "no", "maybe"]],
    ["No, it was moved in 1907, and has not been seen since.", "no", ["yes", "no", "maybe"]],
    ["**True** – it was.", "true", ["true", "false"]],
    ["false", "false", ["true", "false"]],
  ])("takes the verdict that %j begins with, whatever follows", (answer, verdict, options) => {
    expect(truthOf(answer)).toEqual({ answer: verdict, kind: "verdict", options });
  });

  it.each([
    ["B", "B"],
    ["(C)", "C"],
    ["A. a lamp", "A"],
    ["a tin lantern.", "B"],
    ["A boat", "C"],
    ["**B**", "B"],
  ])("takes the letter of the option that %j names", (answer, letter) => {
    const options = ["a lamp", "A tin lantern", "a boat"];
    expect(truthOf(answer, { options })).toEqual({ answer: letter, kind: "choice", options });
  });

  it.each([
    ["He kept it for five years, and then he left.", "long-answer"],
    ["Bob Ray", "not-stated"],
    ["No one", "not-stated"],
    ["No. 5", "not-stated"],
    ["%", "not-stated"],
  ])("takes none from %j: %s", (answer, reason) => {
    expect(truthOf(answer)).toBe(reason);
  });

  it("names what a choice and an example without sources lack", () => {
    expect(truthOf("D", { options: ["a lamp", "a boat"] })).toBe("no-key");
    expect(truthOf("A dinghy", { options: ["a lamp", "a boat"] })).toBe("no-key");
    expect(truthOf("Yes", { documents: [{ id: "n", title: "", text, role: "noise" }] })).toBe("no-sources");
    expect(truthOf("Ann Lee", { documents: [{ id: "n", title: "", text, role: "unknown" }] })).toMatchObject({
      kind: "text",
    });
  });
});
