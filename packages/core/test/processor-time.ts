/** Milliseconds that this process and its threads compute while something runs: what others do on the machine does not count. */
export async function processorTime(action: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
