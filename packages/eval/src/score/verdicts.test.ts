import { describe, expect, it } from "vitest";
import { readVerdict } from "./verdicts.ts";

const yesNo = ["yes", "no"];
const trueFalse = ["true", "false"];
const three = ["yes", "no", "maybe"];

describe("readVerdict, in other words and languages", () => {
  it.each([
    ["That is correct.", yesNo, "yes"],
    ["Correct.", yesNo, "yes"],
    ["Indeed, they are.", yesNo, "yes"],
    ["Yep.", yesNo, "yes"],
    ["Nope", yesNo, "no"],
    ["Not at all.", yesNo, "no"],
    ["It is not the case.", yesNo, "no"],
    ["False", yesNo, "no"],
    ["Ja, beide.", yesNo, "yes"],
    ["Nein.", yesNo, "no"],
    ["Sí", yesNo, "yes"],
    ["是的", yesNo, "yes"],
    ["不是。", yesNo, "no"],
    ["No, this is a hoax.", trueFalse, "false"],
    ["Yes, that holds.", trueFalse, "true"],
    ["It's untrue.", trueFalse, "false"],
    ["The claim is refuted.", trueFalse, "false"],
    ["The claim is not supported.", trueFalse, "false"],
    ["The evidence is mixed.", three, "maybe"],
    ["Unclear", three, "maybe"],
  ])("%s", (answer, verdicts, verdict) => {
    expect(readVerdict(answer, verdicts)).toEqual({ verdict });
  });

  it.each(["No idea.", "They are both American.", "Nobody knows.", "Jack did."])("none: %s", (answer) => {
    expect(readVerdict(answer, trueFalse)).toEqual({ abstained: "no-option" });
  });
});
