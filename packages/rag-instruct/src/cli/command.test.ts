import { Command } from "commander";
import { expect, it } from "vitest";
import { configOptions } from "../config/reference.ts";
import { addDefinition } from "./command.ts";
import { commands } from "./commands.ts";

async function optionsOf(name: string) {
  const command = new Command(name);
  addDefinition(command, await commands.find((each) => each.name === name)!.load(), async () => {});
  return command.options;
}

it("every flag of an option in the config's schema is one of a command, with the words and the variable of the schema", async () => {
  const given = (await Promise.all(["run", "demo"].map(optionsOf))).flat();
  for (const { description, flags = [] } of configOptions()) {
    for (const { name, text, env } of flags) {
      const option = given.find(({ flags }) => flags === name);
      expect(option, name).toBeDefined();
      expect(`${option?.description}.`.toLowerCase()).toBe(`${text ?? description.replace(/\.$/, "")}.`.toLowerCase());
      expect(option?.envVar).toBe(env);
    }
  }
});

it.each(commands.map(({ name }) => name))("%s takes no flag twice", async (name) => {
  const names = (await optionsOf(name)).map(({ long }) => long);
  expect(names).toEqual([...new Set(names)]);
});
