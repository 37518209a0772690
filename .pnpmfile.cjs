// The packages that carry Node declare `os` and `cpu` as strings. pnpm reads only lists,
// and would install every platform's binary otherwise.
function readPackage(manifest) {
  for (const field of ["os", "cpu"]) {
    if (typeof manifest[field] === "string") manifest[field] = [manifest[field]];
  }
  return manifest;
}

module.exports = { hooks: { readPackage } };
