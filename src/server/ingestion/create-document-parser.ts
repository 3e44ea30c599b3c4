import { type AbortableParse, createParseSlot, type ParseLimits } from './create-parse-slot.ts';
import { DocumentProblem, type ParsedDocument } from './parsed-document.ts';

export type DocumentParser = {
  /**
   * Parses one file.
   * @throws DocumentProblem as `parseDocument` does; `document_too_complex` over a limit or when the worker dies;
   * `overloaded` when the queue is full; `unavailable` after `close`; the signal's reason when it is aborted.
   */
  parse: (input: AbortableParse) => Promise<ParsedDocument>;
  /** Stops the workers; parses that run or wait end with `unavailable`. */
  close: () => Promise<void>;
};

export type DocumentParserOptions = Partial<ParseLimits> & {
  /** Parses that run at the same time, each in a worker of its own. */
  concurrency?: number;
  /** Parses that may wait for a worker. */
  maximumQueued?: number;
};

type Waiting = {
  input: AbortableParse;
  resolve: (document: ParsedDocument) => void;
  reject: (error: unknown) => void;
};

/** The worker's file: beside this one in the sources, and beside the bundle's chunks in dist/. */
const defaultWorkerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './parse-worker.ts' : './parse-worker.js',
  import.meta.url,
);

/**
 * Parses documents in worker threads, so that no file can block or bring down the server: `timeoutMs` of wall time
 * (10 s) and `memoryMb` of growth (512 MB) a parse. A worker over a limit is terminated and the next parse gets a
 * new one; workers without work for `idleTimeoutMs` (30 s) are released. Nothing is started before the first parse.
 */
export function createDocumentParser(options: DocumentParserOptions = {}): DocumentParser {
  const { concurrency = 1, maximumQueued = 100, timeoutMs = 10_000, memoryMb = 512 } = options;
  const { idleTimeoutMs = 30_000, workerUrl = defaultWorkerUrl } = options;
  const slots = Array.from({ length: concurrency }, () =>
    createParseSlot({ timeoutMs, memoryMb, idleTimeoutMs, workerUrl }),
  );
  const queue: Waiting[] = [];
  let isClosed = false;

  const startNext = (): void => {
    const free = slots.filter((slot) => !slot.isBusy());
    // Warm workers first, so that a second one starts only when both are needed.
    const slot = free.find((one) => one.isWarm()) ?? free[0];
    const waiting = slot ? queue.shift() : undefined;
    if (!slot || !waiting) return;
    slot.run(waiting.input).then(waiting.resolve, waiting.reject).finally(startNext);
  };

  return {
    parse: (input) => {
      if (isClosed) return Promise.reject(stopping());
      if (input.signal?.aborted) return Promise.reject(input.signal.reason as Error);
      if (queue.length >= maximumQueued) return Promise.reject(overloaded(maximumQueued));
      return new Promise((resolve, reject) => {
        const onAbort = (): void => {
          const index = queue.indexOf(waiting);
          if (index < 0) return;
          queue.splice(index, 1);
          waiting.reject(input.signal?.reason);
        };
        const leave = (): void => input.signal?.removeEventListener('abort', onAbort);
        const waiting: Waiting = {
          input,
          resolve: (document) => {
            leave();
            resolve(document);
          },
          reject: (error) => {
            leave();
            reject(error);
          },
        };
        input.signal?.addEventListener('abort', onAbort, { once: true });
        queue.push(waiting);
        startNext();
      });
    },
    close: async () => {
      isClosed = true;
      for (const waiting of queue.splice(0)) waiting.reject(stopping());
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

function overloaded(maximumQueued: number): DocumentProblem {
  return new DocumentProblem(
    'overloaded',
    `${maximumQueued} documents are waiting to be read already. Upload this one again in a minute.`,
  );
}

function stopping(): DocumentProblem {
  return new DocumentProblem('unavailable', 'The server is stopping. Upload the document again in a moment.');
}
