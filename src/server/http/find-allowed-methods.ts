import { AppError } from '../errors.ts';
import type { App } from './http-app.ts';

type Pattern = { segments: string[]; methods: string[] };

/** Answers 404 for unknown addresses, and 405 with `Allow` where the address is known by another method. */
export function addNotFound(app: App): void {
  const patterns: Pattern[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    patterns.push({ segments: segmentsOf(url), methods: [method].flat() });
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = findAllowedMethods({ patterns, path: request.url.split('?')[0] ?? '' });
    if (allowed.length === 0) throw new AppError('not_found', 'There is nothing at this address.');
    void reply.header('allow', allowed.join(', '));
    throw new AppError(
      'method_not_allowed',
      `This address does not take ${request.method}; it takes ${allowed.join(', ')}.`,
    );
  });
}

/** The methods of all routes whose pattern matches a path, sorted; patterns of one wildcard alone do not count. */
export function findAllowedMethods(options: { patterns: readonly Pattern[]; path: string }): string[] {
  const segments = segmentsOf(options.path);
  const matching = options.patterns.filter((pattern) => matches(pattern.segments, segments));
  return [...new Set(matching.flatMap((pattern) => pattern.methods))].toSorted();
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter(Boolean);
}

function matches(pattern: string[], path: string[]): boolean {
  if (pattern[0] === '*') return false;
  const isOpen = pattern.at(-1) === '*';
  if (isOpen ? path.length < pattern.length : path.length !== pattern.length) return false;
  return pattern.every(
    (segment, index) => segment === '*' || segment.startsWith(':') || segment === path[index],
  );
}
