/** The most tokens that texts can take: a token is at least one byte of UTF-8. */
export function tokensAtMost(...texts: readonly string[]): number {
  const encoder = new TextEncoder();
  return texts.reduce((sum, text) => sum + encoder.encode(text).length, 0);
}
