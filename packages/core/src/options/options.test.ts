import { describe, expect, it } from "vitest";
import {
  checkOptions,
  endpoint,
  jsonSchemaOf,
  modelSettings,
  option,
  prices,
  putAt,
  readAssignment,
  z,
} from "./index.ts";

const schema = z.strictObject({
  model: z.union([z.literal("none"), endpoint]),
  settings: modelSettings.optional(),
  prices: prices.default({}),
  near: option(z.number().max(1).default(0.8), "How near.", {
    example: 0.7,
    shownBy: "a package of its own",
  } as object),
});
const check = (given: unknown) => checkOptions(schema, given, (path) => `options, at ${path.length}`);

describe("options that a schema states", () => {
  it("are given back with their defaults", () => {
    expect(check({ model: "none" })).toEqual({ model: "none", prices: {}, near: 0.8 });
  });

  it.each([
    [{ modle: "none" }, 'options, at 1: modle is not an option; did you mean "model"?; also model must'],
    [{ model: { name: "m", url: "x" } }, ": model.url is not an option"],
    [{ model: { name: "m", baseURL: "http://h/v1" } }, 'model.baseURL is not an option; did you mean "baseUrl"?'],
    [
      { model: "none", mdoel: 1, pooling: 2 },
      /mdoel is not an option; did you mean "model"\?; also pooling is not an option/,
    ],
    [{ model: "none", settings: { topP: "half" } }, 'options, at 2: settings.topP must be a number, not "half"'],
    [
      { model: { name: "m", baseUrl: "http://me:secret@host/v1" } },
      'name the variable that holds the key in keyVariable (it is "http://host/v1")',
    ],
  ])("are refused with the place, the field and what was meant: %j", (given, message) => {
    expect(() => check(given)).toThrow(message);
  });

  it("are assigned by a path, in which a name may hold points", () => {
    const read = (text: string) => readAssignment(schema, text);
    expect(read("near=0.5")).toEqual({ path: ["near"], value: 0.5 });
    expect(read("model.name=gpt-4.1")).toEqual({ path: ["model", "name"], value: "gpt-4.1" });
    expect(read("prices.gpt-4.1.inputPerMillion=2")?.path).toEqual(["prices", "gpt-4.1", "inputPerMillion"]);
    expect(read("=2")).toBeUndefined();
    const given = { settings: { topP: 1 } };
    const before = given.settings;
    putAt(given, ["settings", "seed"], 3);
    expect([given, before]).toEqual([{ settings: { topP: 1, seed: 3 } }, { topP: 1 }]);
  });

  it("have a JSON Schema without what only their packages say of them", () => {
    expect(jsonSchemaOf(schema)).toMatchObject({
      properties: { near: { type: "number", default: 0.8, description: "How near.", examples: [0.7] } },
    });
    expect(JSON.stringify(jsonSchemaOf(schema))).not.toMatch(/shownBy|otherwise/);
  });
});
