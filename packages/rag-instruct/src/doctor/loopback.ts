/** Whether a host is this machine itself, where nobody listens on the way. */
export function isLoopback(host: string): boolean {
  return host === "" || host === "localhost" || host === "[::1]" || /^127\./.test(host);
}
