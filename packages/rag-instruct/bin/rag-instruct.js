#!/usr/bin/env node
// Plain old syntax, so that an old Node gets this sentence and not a syntax error.
var version = process.versions.node.split(".").map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 18)) {
  console.error("rag-instruct needs Node 22.18 or newer; this is " + process.version + ".");
  process.exit(1);
}
import("../dist/main.js")
  .then((cli) => cli.main(process.argv))
  .then((code) => {
    process.exitCode = code;
  });
