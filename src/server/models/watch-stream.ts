import { type Clock, withinTime } from './clock.ts';

/**
 * Passes a stream on and ends it when the next item takes too long, even when the source does not react to its signal.
 * The time that the reader takes between items does not count. Leaving early, an abort and a timeout all abort the
 * signal that the source was started with.
 * @param options.limitMs milliseconds that the next item may take, given how many came
 * @throws what the source throws, the signal's reason, or what `onTimeout` makes
 */
export async function* watchStream<Item>(options: {
  start: (signal: AbortSignal) => AsyncIterable<Item>;
  signal: AbortSignal;
  clock: Clock;
  limitMs: (received: number) => number;
  onTimeout: (received: number) => Error;
}): AsyncGenerator<Item, void, void> {
  const { signal, clock } = options;
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', abort, { once: true });
  const iterator = options.start(controller.signal)[Symbol.asyncIterator]();
  let isEnded = false;
  try {
    for (let received = 0; ; received += 1) {
      const next = await withinTime(iterator.next(), {
        clock,
        signal,
        limitMs: options.limitMs(received),
        onTimeout: () => options.onTimeout(received),
      });
      if (next.done === true) {
        isEnded = true;
        return;
      }
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (!isEnded) {
      controller.abort(signal.aborted ? signal.reason : new Error('The reader has left.'));
      // A source that hangs would never answer; what it says on its way out concerns nobody any more.
      iterator.return?.().then(undefined, () => undefined);
    }
  }
}
