import type { Worker } from 'node:worker_threads';

const pollIntervalMs = 25;
/** Growth of the process counts against a worker only when this part of the limit is the worker's own. */
const ownShare = 0.25;

/**
 * Calls `onExceeded` once when a worker holds more memory than `limitBytes`: its heap and its buffers, which
 * `resourceLimits` do not cover, or the growth of the whole process when the worker has a good part in it. V8 answers
 * even while the worker is busy.
 * @returns a function that ends the watch.
 */
export function watchMemory(input: {
  worker: Worker;
  limitBytes: number;
  onExceeded: () => void;
}): () => void {
  const { worker, limitBytes, onExceeded } = input;
  const startBytes = process.memoryUsage.rss();
  let isOver = false;
  const check = async (): Promise<void> => {
    const { total_physical_size, external_memory, malloced_memory } = await worker.getHeapStatistics();
    const ownBytes = total_physical_size + external_memory + malloced_memory;
    const grownBytes = process.memoryUsage.rss() - startBytes;
    const isTooMuch = ownBytes > limitBytes || (grownBytes > limitBytes && ownBytes > limitBytes * ownShare);
    if (isOver || !isTooMuch) return;
    isOver = true;
    onExceeded();
  };
  const timer = setInterval(() => {
    // A worker that has just ended has no statistics, and its end is reported elsewhere.
    check().catch(() => clearInterval(timer));
  }, pollIntervalMs);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}
