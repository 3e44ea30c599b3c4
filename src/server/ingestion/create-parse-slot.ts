import { Worker } from 'node:worker_threads';

import type { ErrorCode } from '../../shared/error-codes.ts';
import type { ParseInput } from './parse-document.ts';
import { DocumentProblem, type ParsedDocument } from './parsed-document.ts';
import { watchMemory } from './watch-memory.ts';

export type ParseRequest = { bytes: Uint8Array; fileName: string };

export type ParseReply =
  | { type: 'progress'; pagesDone: number; pageCount: number }
  | { type: 'parsed'; document: ParsedDocument }
  | { type: 'problem'; code: ErrorCode; message: string }
  | { type: 'failed'; message: string };

export type ParseLimits = { timeoutMs: number; memoryMb: number; idleTimeoutMs: number; workerUrl: URL };
export type AbortableParse = ParseInput & { signal?: AbortSignal };

/** A place for one worker, which is started when first needed and again after it was stopped. */
export type ParseSlot = {
  isBusy: () => boolean;
  isWarm: () => boolean;
  /** Parses one file; call it only when the slot is not busy. Throws as `DocumentParser.parse`. */
  run: (input: AbortableParse) => Promise<ParsedDocument>;
  /** Stops the worker; a parse that runs ends with `unavailable`. */
  close: () => Promise<void>;
};

/** An outcome, and whether the worker can take another file after it. */
type Outcome = { document?: ParsedDocument; error?: unknown; isWorkerUsable: boolean };

/** Runs one parse at a time in a worker thread of its own, with limits of time and memory. */
export function createParseSlot(limits: ParseLimits): ParseSlot {
  let worker: Worker | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let isBusy = false;
  let stop: ((error: unknown) => void) | undefined;

  const release = async (): Promise<void> => {
    clearTimeout(idleTimer);
    const stopped = worker;
    worker = undefined;
    await stopped?.terminate();
  };

  return {
    isBusy: () => isBusy,
    isWarm: () => worker !== undefined,
    run: async (input) => {
      isBusy = true;
      clearTimeout(idleTimer);
      const current = (worker ??= startWorker(limits));
      current.ref();
      try {
        const outcome = await new Promise<Outcome>((resolve) => {
          stop = (error) => resolve({ error, isWorkerUsable: false });
          watchParse({ worker: current, input, limits, finish: resolve });
        });
        // The caller hears of a failure only once the memory is free again.
        if (!outcome.isWorkerUsable) await release();
        if (outcome.document) return outcome.document;
        throw outcome.error;
      } finally {
        stop = undefined;
        isBusy = false;
        worker?.unref();
        idleTimer = setTimeout(() => void release(), limits.idleTimeoutMs).unref();
      }
    },
    close: async () => {
      stop?.(
        new DocumentProblem('unavailable', 'The server is stopping. Upload the document again in a moment.'),
      );
      await release();
    },
  };
}

function startWorker({ workerUrl, memoryMb }: ParseLimits): Worker {
  const worker = new Worker(workerUrl, {
    // Flags of the parent, such as a test runner's loaders, are not the worker's.
    execArgv: [],
    env: {},
    // Libraries write warnings about odd files; they are no news for the operator.
    stdout: true,
    stderr: true,
    // Well above the limit that `watchMemory` keeps: V8 may abort the whole process when a heap hits its own.
    resourceLimits: { maxOldGenerationSizeMb: memoryMb * 2 + 512, stackSizeMb: 4 },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  // Between parses nobody else listens, and an error without a listener would end the process.
  worker.on('error', () => undefined);
  return worker;
}

function watchParse(watch: {
  worker: Worker;
  input: AbortableParse;
  limits: ParseLimits;
  finish: (outcome: Outcome) => void;
}): void {
  const { worker, input, limits } = watch;
  const finish = (outcome: Outcome): void => {
    clearTimeout(timer);
    stopWatching();
    worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    input.signal?.removeEventListener('abort', onAbort);
    watch.finish(outcome);
  };
  const onMessage = (reply: ParseReply): void => {
    if (reply.type === 'progress')
      input.onProgress?.({ pagesDone: reply.pagesDone, pageCount: reply.pageCount });
    else finish({ ...outcomeOf(reply), isWorkerUsable: true });
  };
  const onError = (error: unknown): void => finish({ error: deathOf(error, limits), isWorkerUsable: false });
  const onExit = (): void => finish({ error: deathOf(undefined, limits), isWorkerUsable: false });
  const onAbort = (): void => finish({ error: input.signal?.reason, isWorkerUsable: false });
  const timer = setTimeout(() => {
    finish({ error: tooSlow(limits.timeoutMs), isWorkerUsable: false });
  }, limits.timeoutMs);
  const stopWatching = watchMemory({
    worker,
    limitBytes: limits.memoryMb * 1024 * 1024,
    onExceeded: () => finish({ error: tooLarge(limits.memoryMb), isWorkerUsable: false }),
  });
  worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  input.signal?.addEventListener('abort', onAbort, { once: true });
  // A copy, since the transfer takes the buffer away and the caller may keep the original.
  const bytes = new Uint8Array(input.bytes);
  worker.postMessage({ bytes, fileName: input.fileName } satisfies ParseRequest, [bytes.buffer]);
}

function outcomeOf(reply: Exclude<ParseReply, { type: 'progress' }>): {
  document?: ParsedDocument;
  error?: unknown;
} {
  if (reply.type === 'parsed') return { document: reply.document };
  if (reply.type === 'problem') return { error: new DocumentProblem(reply.code, reply.message) };
  return {
    error: new DocumentProblem(
      'document_unreadable',
      'The document could not be read; it is damaged or of a kind that the parser does not know. Export it again and upload that.',
      { cause: new Error(reply.message) },
    ),
  };
}

function deathOf(error: unknown, { memoryMb }: ParseLimits): DocumentProblem {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return tooLarge(memoryMb);
  return new DocumentProblem(
    'document_too_complex',
    'The parser stopped while it read the document. Export the document again in a simpler form, or split it, and upload that.',
    { cause: error },
  );
}

function tooSlow(timeoutMs: number): DocumentProblem {
  return new DocumentProblem(
    'document_too_complex',
    `The document took longer than the limit of ${timeoutMs / 1000} s to read. Split it into smaller files, or export it again, and upload those.`,
  );
}

function tooLarge(memoryMb: number): DocumentProblem {
  return new DocumentProblem(
    'document_too_complex',
    `The document needs more memory than the limit of ${memoryMb} MB. Split it into smaller files, or export it without large pictures, and upload those.`,
  );
}
