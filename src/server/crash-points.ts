/**
 * Named places after (or just before) a durable step. A test lets the process die at one of them as by `kill -9` and
 * then looks at what a restart makes of it.
 */
export const crashPoints = [
  'turn-start-written',
  'turn-started',
  'turn-first-event',
  'turn-events-written',
  'turn-events-saved',
  'turn-ending',
  'turn-end-written',
  'turn-ended',
  'upload-stored',
  'upload-written',
  'upload-committed',
  'ingest-parsed',
  'ingest-embedded',
  'ingest-staged',
  'ingest-written',
  'ingest-committed',
  'ingest-published',
  'removal-written',
  'removal-committed',
  'removal-published',
  'purge-unlinked',
  'reindex-written',
  'reindex-committed',
  'generation-filled',
  'generation-verified',
  'generation-switch-written',
  'generation-switched',
  'generation-adopted',
] as const;

export type CrashPoint = (typeof crashPoints)[number];

let armed: CrashPoint | undefined;

/** Arms one point for this process, or none. Called once at start, with the setting CRASH_POINT. */
export function armCrashPoint(name: CrashPoint | undefined): void {
  armed = name;
}

/** Kills this process when the named point is armed; else does nothing. */
export function crashPoint(name: CrashPoint): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
