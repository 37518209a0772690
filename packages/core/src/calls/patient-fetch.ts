/** What sends the requests of fetch: Node's own connections, a proxy's, or whatever took their place. */
interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
}

// Where undici, which is Node's fetch, keeps it; the number grows with the form of its handlers, which `onRequestStart` tells.
const [dispatcher1, dispatcher2] = ["undici.globalDispatcher.1", "undici.globalDispatcher.2"].map(Symbol.for);

function dispatcherFor(handler: object): Dispatcher | undefined {
  const known = globalThis as unknown as Record<symbol, Dispatcher | undefined>;
  const first = known[dispatcher1!];
  return "onRequestStart" in handler ? (known[dispatcher2!] ?? first) : first;
}

// In undici's options of a request 0 is no limit; without them it gives up after five minutes.
const patient: Dispatcher = {
  dispatch(options, handler) {
    const dispatcher = dispatcherFor(handler);
    if (!dispatcher) throw new Error("the fetch of this Node does not say who sends its requests");
    return dispatcher.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler);
  },
};

const ownFetch = globalThis.fetch;

/**
 * fetch, as patient as its caller: Node's own gives up an answer whose headers, or the next part of whose body, do not come within
 * five minutes, whatever its signal allows. Everything else stays, proxies among it. Where another fetch stands in the place of
 * Node's, it is that one.
 */
export const patientFetch: typeof fetch = (url, init) => {
  const isOwn = globalThis.fetch === ownFetch;
  return globalThis.fetch(url, isOwn ? ({ ...init, dispatcher: patient } as RequestInit) : init);
};
