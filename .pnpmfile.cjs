// The packages that carry Node declare `os` and `cpu` as strings. pnpm reads only lists,
// and would install every platform's binary otherwise.
function readPackage(manifest) {
  for (const field of ["os", "cpu"]) {
    if (typeof manifest[field] === "string") manifest[field] = [manifest[field]];
  }
  return manifest;
}

// Inside the workspace the condition "@rag-instruct/source" points at the sources, which are not published.
function beforePacking(manifest) {
  for (const entry of Object.values(manifest.exports ?? {})) delete entry["@rag-instruct/source"];
  return manifest;
}

module.exports = { hooks: { readPackage, beforePacking } };
