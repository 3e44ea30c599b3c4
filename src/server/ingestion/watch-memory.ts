import type { Worker } from 'node:worker_threads';

const pollIntervalMs = 20;
/** Growth of the process counts against a worker only when this part of the limit is the worker's own ... */
const ownShare = 0.25;
/** ... or when it has not said for so many polls how much it holds. */
const maximumSilentPolls = 10;

/**
 * Calls `onExceeded` once when a worker holds more memory than `limitBytes`: its heap and its buffers, which
 * `resourceLimits` do not cover, or the growth of the whole process when the worker has a good part in it. V8 answers
 * even while the worker is busy, though not while it starts or collects garbage.
 * @returns a function that ends the watch.
 */
export function watchMemory(input: {
  worker: Worker;
  limitBytes: number;
  onExceeded: () => void;
}): () => void {
  const { worker, limitBytes, onExceeded } = input;
  const startBytes = process.memoryUsage.rss();
  let ownBytes = 0;
  let silentPolls = 0;
  let isOver = false;

  const stop = (): void => {
    isOver = true;
    clearInterval(timer);
  };
  const judge = (): void => {
    if (isOver) return;
    const hasPart = ownBytes > limitBytes * ownShare || silentPolls > maximumSilentPolls;
    const hasGrown = hasPart && process.memoryUsage.rss() - startBytes > limitBytes;
    if (ownBytes <= limitBytes && !hasGrown) return;
    stop();
    onExceeded();
  };
  const ask = async (): Promise<void> => {
    const { total_physical_size, external_memory, malloced_memory } = await worker.getHeapStatistics();
    ownBytes = total_physical_size + external_memory + malloced_memory;
    silentPolls = 0;
    judge();
  };
  const timer = setInterval(() => {
    silentPolls += 1;
    judge();
    // A question that came too early is lost, so that it is asked again; a worker that is not running rejects it.
    if (silentPolls % maximumSilentPolls === 1) ask().catch(() => undefined);
  }, pollIntervalMs);
  return stop;
}
