// Loaded into the server by --import: measures how late its event loop is, and tells it over the IPC channel when asked.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

export type LoopDelay = { p50Ms: number; p99Ms: number; maxMs: number };

// The histogram holds the time between two ticks of its timer, so this much of each value is no delay.
const RESOLUTION_MS = 1;

if (isMainThread && process.send) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  process.on('message', (question) => {
    if (question === 'forget') delays.reset();
    else
      process.send?.({
        p50Ms: late(delays.percentile(50)),
        p99Ms: late(delays.percentile(99)),
        maxMs: late(delays.max),
      } satisfies LoopDelay);
  });
  // The channel must not keep a server alive that wants to end.
  process.channel?.unref();
}
