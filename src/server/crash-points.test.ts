import { afterEach, describe, expect, it, vi } from 'vitest';

import { armCrashPoint, crashPoint, crashPoints } from './crash-points.ts';
import { ConfigError, loadConfig } from './config.ts';

afterEach(() => {
  armCrashPoint(undefined);
  vi.restoreAllMocks();
});

describe('crashPoint', () => {
  it('should kill the process at the armed point alone', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    for (const name of crashPoints) crashPoint(name);
    expect(kill).not.toHaveBeenCalled();
    armCrashPoint('turn-started');
    for (const name of crashPoints) crashPoint(name);
    expect(kill.mock.calls).toEqual([[process.pid, 'SIGKILL']]);
  });

  it('should be refused in production, and by any other name', () => {
    const load = (env: Record<string, string>) => loadConfig({ env, baseFolder: '/srv/wwhd' });
    expect(load({ CRASH_POINT: 'turn-started' }).testing.crashPoint).toBe('turn-started');
    expect(() => load({ CRASH_POINT: 'nowhere' })).toThrow(ConfigError);
    const production = {
      APP_ENV: 'production',
      DATA_DIR: '/data',
      JWT_SECRET: 'd9e1c7a0b4f84c2ab2f0e6d58c3197aa',
    };
    expect(() => load(production)).not.toThrow();
    expect(() => load({ ...production, CRASH_POINT: 'turn-started' })).toThrow(/CRASH_POINT/);
  });
});
