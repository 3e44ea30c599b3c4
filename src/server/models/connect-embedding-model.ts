import type { Clock } from './clock.ts';
import type { EmbeddingModel, SupervisedEmbeddingModel } from './embedding-model.ts';
import type { ModelState } from './language-model.ts';

/** A configured embedding model, whether or not its endpoint has answered yet. */
export type EmbeddingConnection = {
  /** The configured name of the model. */
  readonly id: string;
  /** Undefined until the endpoint has told its dimension. */
  current: () => EmbeddingModel | undefined;
  state: () => ModelState;
  /** Calls the listener once the endpoint answers, when it did not at start. */
  onOpened: (listener: () => void) => void;
  close: () => void;
};

/** How long a start may wait for the endpoint. */
const FIRST_TRY_MS = 8_000;
const RETRY_MS = 30_000;

/**
 * Opens an embedding model, but lets the server start when its endpoint does not answer: it is tried again every half
 * minute, and until then search goes by words.
 * @param options.onFailure told once, when the first try has failed
 */
export async function connectEmbeddingModel(options: {
  id: string;
  open: (signal: AbortSignal) => Promise<SupervisedEmbeddingModel>;
  clock: Clock;
  onFailure: (error: unknown) => void;
}): Promise<EmbeddingConnection> {
  const { id, open, clock, onFailure } = options;
  const closed = new AbortController();
  const listeners: (() => void)[] = [];
  let opened: SupervisedEmbeddingModel | undefined;
  let cancelRetry = () => {};

  const tryAgainLater = () => {
    if (closed.signal.aborted) return;
    cancelRetry = clock.after(RETRY_MS, () => {
      // The failure was told at the first try and shows in /health; another line every half minute tells nothing new.
      open(closed.signal).then(succeed, tryAgainLater);
    });
  };
  const succeed = (model: SupervisedEmbeddingModel) => {
    if (closed.signal.aborted) return;
    opened = model;
    for (const listener of listeners) listener();
  };

  try {
    opened = await open(AbortSignal.any([closed.signal, AbortSignal.timeout(FIRST_TRY_MS)]));
  } catch (error) {
    onFailure(error);
    tryAgainLater();
  }
  return {
    id,
    current: () => opened,
    state: () => opened?.state() ?? 'degraded',
    onOpened: (listener) => void listeners.push(listener),
    close: () => {
      closed.abort();
      cancelRetry();
    },
  };
}

/** A connection to a model that is there already. */
export function connectedEmbeddingModel(model: EmbeddingModel): EmbeddingConnection {
  return {
    id: model.id,
    current: () => model,
    state: () => 'operational',
    onOpened: () => {},
    close: () => {},
  };
}
