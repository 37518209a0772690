// Runs on any Node, so that an old one gets a sentence and not a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `This project needs Node 22.18 or newer, and ${process.version} is first on PATH. It brings its own for Linux, macOS and Windows on x64 and arm64; on other machines install a newer Node.`,
  );
  process.exit(1);
}
