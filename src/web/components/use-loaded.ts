import { useEffect, useState } from 'react';

import { describeProblem } from '../api.ts';
import type { ShownProblem } from '../api.ts';

/** Something that is on its way, could not be had, or is there. */
export type Loaded<Value> =
  | { status: 'loading' }
  | { status: 'failed'; problem: ShownProblem }
  | { status: 'ready'; value: Value };

/**
 * Loads something when the component appears; `retry` loads it again. `load` is the one of the first drawing: give
 * the component another key to load something else.
 */
export function useLoaded<Value>(load: (signal: AbortSignal) => Promise<Value>): {
  loaded: Loaded<Value>;
  retry: () => void;
} {
  const [request, setRequest] = useState({ load });
  const [loaded, setLoaded] = useState<Loaded<Value>>({ status: 'loading' });

  useEffect(() => {
    const abort = new AbortController();
    const run = async () => {
      const answer = await request.load(abort.signal).then(
        (value): Loaded<Value> => ({ status: 'ready', value }),
        (error: unknown): Loaded<Value> => ({ status: 'failed', problem: describeProblem(error) }),
      );
      if (!abort.signal.aborted) setLoaded(answer);
    };
    void run();
    return () => abort.abort();
  }, [request]);

  const retry = () => {
    setLoaded({ status: 'loading' });
    setRequest({ load: request.load });
  };
  return { loaded, retry };
}
