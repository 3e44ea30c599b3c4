/** One line of `wwhd doctor`; `fix` says what to do unless all is well. */
export type Check = { name: string; status: 'ok' | 'warning' | 'problem'; detail: string; fix?: string };

/** A check that found nothing wrong. */
export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail };
}

/** A check that found something the server can live with. */
export function warning(name: string, found: { detail: string; fix: string }): Check {
  return { name, status: 'warning', ...found };
}

/** A check that found something that must be put right. */
export function problem(name: string, found: { detail: string; fix: string }): Check {
  return { name, status: 'problem', ...found };
}

/** The first line of an error's message. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? message;
}
