/** npm's environment as a user has it: without what pnpm and the test runner put there, and with a home of its own. */
export function userEnvironment(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(?!config_(registry|proxy|https_proxy|cafile))|pnpm_|PNPM_|NODE_(?!EXTRA_CA_CERTS)|VITEST|INIT_CWD)/i.test(
        name,
      ),
  );
  return { ...Object.fromEntries(kept), HOME: home };
}
