import { seededRandom, type Task } from "@rag-instruct/core";
import { paradigms } from "@rag-instruct/paradigms";
import { describe, expect, it } from "vitest";
import { offlineReply } from "./offline-model.ts";

/** All that the model asks of documents, over many seeds. */
function asked(paradigm: string, texts: readonly string[], task: Task = "open", title = "Ostrey"): string[] {
  const { relation } = paradigms[paradigm as keyof typeof paradigms];
  const documents = texts.map((text) => ({ title, text }));
  const replies = Array.from({ length: 40 }, (_, i) => offlineReply({ relation, task, documents }, seededRandom(i)));
  return [...new Set(replies.flatMap((reply) => (reply ? [`${reply.question} ${reply.answer}`] : [])))];
}

describe("what one document states is asked as a person asks", () => {
  it.each([
    ["The tower of Northend was built of granite in 1911.", "When was the tower of Northend built of granite? In 1911"],
    [
      "In 1911 the tower of Northend was built by Ada Long.",
      "Who was the tower of Northend built by in 1911? Ada Long",
    ],
    ["The school has 84 pupils.", "About Ostrey: how many pupils does the school have? 84"],
    ["There are 164 hydrants on Ostrey.", "How many hydrants are there on Ostrey? 164"],
    ["The mole of Ostrey is 349 metres long.", "How long is the mole of Ostrey? 349 metres"],
    ["A page costs 10 pennies.", "How much does a page cost? 10 pennies"],
    ["The director of the Ostrey Line is Runa Askerdine.", "Who is the director of the Ostrey Line? Runa Askerdine"],
    ["A sling is a rope that lifts a boat.", "What is a sling? A rope that lifts a boat."],
    ["The key of Ostrey is kept in the Watch House.", "Where is the key of Ostrey kept? In the Watch House"],
    ["The bakery of Ostrey opens at 6:00.", "When does the bakery of Ostrey open? At 6:00"],
    [
      "If the storm cone is hoisted, no ferry sails.",
      "About Ostrey: what happens if the storm cone is hoisted? No ferry sails.",
    ],
    ["To borrow a key, ask at the harbour office.", "How do I borrow a key? Ask at the harbour office."],
    [
      "## Who may land on the Skaws?\n\nNobody lands there without leave of the warden.",
      "Who may land on the Skaws? Nobody lands there without leave of the warden.",
    ],
  ])("%s", (text, expected) => expect(asked("single-doc-answer", [text])).toContain(expected));
});

describe("several documents are compared, and reckoned with for support", () => {
  const tower = "The tower of Northend was built in 1911.";
  const well = "The well of Moorfoot was dug in 1840.";
  it("by the time at which things happened", () => {
    expect(asked("multi-doc-answer", [tower, well])).toContain(
      "Was the tower of Northend built before or after the well of Moorfoot was dug? After: the tower of Northend was built in 1911 and the well of Moorfoot was dug in 1840.",
    );
    expect(asked("multi-doc-support", [tower, well])).toContain(
      "How many years after the well of Moorfoot was dug was the tower of Northend built? 71 years",
    );
    expect(asked("single-doc-support", [tower])).toEqual(
      expect.arrayContaining([
        "In which century was the tower of Northend built? In the 20th century",
        "In which decade was the tower of Northend built? In the 1910s",
      ]),
    );
  });

  it("by numbers of one kind", () => {
    const ferries = ["The ferry Tern is 31 metres long.", "The ferry Guillemot is 71 metres long."];
    expect(asked("multi-doc-answer", ferries)).toContain(
      "Which is longer, the ferry Tern or the ferry Guillemot? The ferry Guillemot, with 71 metres; for the ferry Tern it is 31.",
    );
    const costs = ["A berth costs 9 crowns.", "A locker costs 3 crowns."];
    expect(asked("multi-doc-support", costs)).toContain("How much do a berth and a locker cost together? 12 crowns");
  });

  it("by what they are", () => {
    const terms = ["A sling is a rope that lifts a boat.", "A fender is a cushion that guards a hull."];
    expect(asked("multi-doc-answer", terms)).toContain(
      "What is the difference between a sling and a fender? A sling is a rope that lifts a boat, whereas a fender is a cushion that guards a hull.",
    );
  });
});

it("takes general knowledge for a document that does not help, and nothing that the document tells", () => {
  const known = asked("useless-doc", ["The lighthouse on the Skaws shows a white light over the sea and the harbour."]);
  expect(known.length).toBeGreaterThan(1);
  expect(asked("useless-doc", ["At sea level water boils at 100 degrees, at the harbour office too."])).not.toContain(
    "At what temperature does water boil at sea level, in degrees Celsius? At 100 degrees",
  );
});

it.each<Task>(["yes-no", "claim"])("a %s says no of another number, and then what is right", (task) => {
  const replies = asked("single-doc-answer", ["The tower of Northend was built in 1911."], task);
  const wrong = replies.filter((reply) => /(?:No|False)\. /.test(reply));
  expect(wrong.length).toBeGreaterThan(0);
  for (const reply of wrong) {
    const [, said, right] = reply.match(/built in (\d+).*built in (\d+)\.$/)!;
    expect([right, said === right]).toEqual(["1911", false]);
  }
});

it.each([
  ["code", "```\nconst a = 1;\n```"],
  ["a table", "| a | b |\n|---|---|\n| 1 | 2 |"],
  ["a list of words", "- alpha\n- beta\n- gamma"],
  ["half a sentence", "was opened by Grimaldi and a crew of 18 workers."],
  ["sentences that lean on others", "It was built in 1911. They moved there later."],
  ["an address", "See https://example.org/harbour for the whole of it."],
])("writes nothing of %s", (_, text) => expect(asked("single-doc-answer", [text])).toEqual([]));
