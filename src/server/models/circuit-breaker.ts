/** The right to make one call. Exactly the first of the three counts; `release` says nothing about the model. */
export type BreakerPermit = {
  /** The single call that tries whether the model is back. */
  isProbe: boolean;
  succeed(): void;
  fail(): void;
  release(): void;
};

export type CircuitBreaker = {
  /** Undefined while the breaker is open, or while a probe is under way. */
  acquire(): BreakerPermit | undefined;
  state(): 'closed' | 'half-open' | 'open';
  /** Failures in a row since the last success. */
  failures(): number;
  /** Milliseconds until a probe is let through; 0 when one may go now. */
  retryInMs(): number;
};

/**
 * A circuit breaker: after `failureThreshold` failures in a row it lets nothing through for `openMs`, then one probe
 * whose success closes it and whose failure opens it again (Nygard, "Release It!", 2007).
 */
export function createCircuitBreaker(options: {
  failureThreshold: number;
  openMs: number;
  now: () => Date;
  onChange?: (state: 'opened' | 'closed') => void;
}): CircuitBreaker {
  const { failureThreshold, openMs, now, onChange } = options;
  let failures = 0;
  let openedAt: number | undefined;
  let isProbing = false;

  const retryInMs = () => (openedAt === undefined ? 0 : Math.max(0, openedAt + openMs - now().getTime()));

  const open = () => {
    openedAt = now().getTime();
    onChange?.('opened');
  };

  const fail = (isProbe: boolean) => {
    failures += 1;
    // A call that began before the breaker opened says nothing new when it fails later.
    if (isProbe || (openedAt === undefined && failures >= failureThreshold)) open();
  };

  const succeed = (isProbe: boolean) => {
    if (openedAt !== undefined && !isProbe) return;
    failures = 0;
    if (openedAt === undefined) return;
    openedAt = undefined;
    onChange?.('closed');
  };

  const permit = (isProbe: boolean): BreakerPermit => {
    let isSettled = false;
    const settle = (finish?: (isProbe: boolean) => void) => {
      if (isSettled) return;
      isSettled = true;
      if (isProbe) isProbing = false;
      finish?.(isProbe);
    };
    return { isProbe, succeed: () => settle(succeed), fail: () => settle(fail), release: () => settle() };
  };

  return {
    acquire() {
      if (openedAt === undefined) return permit(false);
      if (isProbing || retryInMs() > 0) return undefined;
      isProbing = true;
      return permit(true);
    },
    state() {
      if (openedAt === undefined) return 'closed';
      return retryInMs() > 0 ? 'open' : 'half-open';
    },
    failures: () => failures,
    retryInMs,
  };
}
