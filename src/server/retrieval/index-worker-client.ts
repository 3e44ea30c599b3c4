import { Worker } from 'node:worker_threads';

import { AppError } from '../errors.ts';
import type { IndexOperation, IndexOperations, IndexReply, IndexWorkerSettings } from './index-messages.ts';

/** A running index worker. Once it has stopped, every request fails and a new one must be started. */
export type IndexWorkerClient = {
  readonly isRunning: boolean;
  /**
   * @param options.timeoutMs after which the worker counts as stuck and is ended
   * @throws AppError `unavailable` when the worker ends or refuses, `overloaded` when too many requests wait
   */
  request<Name extends IndexOperation>(
    operation: Name,
    request: IndexOperations[Name]['request'],
    options: { timeoutMs: number; transfer?: ArrayBuffer[] },
  ): Promise<IndexOperations[Name]['answer']>;
  stop(): Promise<void>;
};

type Pending = { resolve: (answer: never) => void; reject: (error: AppError) => void; timer: NodeJS.Timeout };

const maximumPending = 512;

function workerUrl(): URL {
  return new URL(
    import.meta.url.endsWith('.ts') ? './index-worker.ts' : './index-worker.js',
    import.meta.url,
  );
}

function stopped(cause?: unknown): AppError {
  return new AppError('unavailable', 'The search index stopped and is starting again; try once more.', {
    cause,
  });
}

/** Starts the worker thread of the search index; it ends with the process without being waited for. */
export function startIndexWorker(settings: IndexWorkerSettings): IndexWorkerClient {
  const worker = new Worker(workerUrl(), { workerData: settings, name: 'passage-index' });
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let isRunning = true;

  const end = (error: AppError) => {
    isRunning = false;
    for (const { reject, timer } of pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    pending.clear();
  };
  worker.unref();
  worker.on('error', (cause) => end(stopped(cause)));
  worker.on('exit', () => end(stopped()));
  worker.on('message', (reply: IndexReply) => {
    const waiting = pending.get(reply.id);
    if (waiting === undefined) return;
    pending.delete(reply.id);
    clearTimeout(waiting.timer);
    if (reply.ok) waiting.resolve(reply.answer as never);
    else waiting.reject(new AppError('unavailable', reply.message));
  });

  return {
    get isRunning() {
      return isRunning;
    },
    request(operation, request, { timeoutMs, transfer = [] }) {
      if (!isRunning) return Promise.reject(stopped());
      if (pending.size >= maximumPending) {
        return Promise.reject(
          new AppError('overloaded', 'Too many searches wait; try again in a moment.', {
            retryAfterSeconds: 1,
          }),
        );
      }
      return new Promise((resolve, reject) => {
        const id = (lastId += 1);
        const timer = setTimeout(() => {
          end(new AppError('unavailable', `The search index did not answer within ${timeoutMs} ms.`));
          void worker.terminate();
        }, timeoutMs);
        pending.set(id, { resolve, reject, timer });
        worker.postMessage({ id, operation, request }, transfer);
      });
    },
    async stop() {
      end(stopped());
      await worker.terminate();
    },
  };
}
