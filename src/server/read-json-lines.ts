import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { invalidField } from './errors.ts';

/**
 * The lines of a JSONL file, blank ones skipped, each checked against a schema.
 * @throws AppError invalid_field naming file and line when a line is of another form, and naming the file when it is
 * absent or has no line
 */
export async function readJsonLines<Line>(path: string, schema: z.ZodType<Line>): Promise<Line[]> {
  const lines = (await readTextFile(path)).split('\n').map((line, index) => ({ line, number: index + 1 }));
  const parsed = lines
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => parseLine({ line, place: `${path}:${number}`, schema }));
  if (parsed.length === 0) throw invalidField(path, 'The file has no lines to measure.');
  return parsed;
}

/** The text of a file. @throws AppError invalid_field naming the file when it cannot be read */
export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw invalidField(path, isAbsent ? 'There is no such file.' : (error as Error).message);
  }
}

function parseLine<Line>(options: { line: string; place: string; schema: z.ZodType<Line> }): Line {
  let value: unknown;
  try {
    value = JSON.parse(options.line);
  } catch {
    throw invalidField(options.place, 'The line is not JSON.');
  }
  const result = options.schema.safeParse(value);
  if (!result.success) throw invalidField(options.place, z.prettifyError(result.error));
  return result.data;
}
