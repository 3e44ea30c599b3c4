import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

import type { z } from 'zod';

import { guardPolicySchema } from '../../guard/guard-policy.ts';
import {
  type Persona,
  personaFileSchema,
  type Specialist,
  specialistFileSchema,
} from '../../pipeline/persona.ts';
import { validateYaml } from './validate-yaml.ts';

/** A persona pack is broken; each problem names file and line. */
export class PackError extends Error {
  readonly problems: string[];

  constructor(problems: string[]) {
    super(
      `The persona pack has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${problems.map((text) => `  - ${text}`).join('\n')}`,
    );
    this.name = 'PackError';
    this.problems = problems;
  }
}

/**
 * Reads every pack of a folder: one sub-folder a persona.
 * @throws PackError with all problems of all packs, each as `file:line: what to do`
 */
export function loadPacks(folder: string): Persona[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new PackError([`${folder}: no such folder; set PERSONAS_DIR to a folder of packs.`]);
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
  const problems: string[] = [];
  const personas = names.flatMap((name) => {
    try {
      return [readPack(join(folder, name), name)];
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (names.length === 0)
    problems.push(`${folder}: holds no persona pack; add a folder with a persona.yaml.`);
  if (problems.length > 0) throw new PackError(problems);
  return personas;
}

/**
 * Reads and validates one persona pack.
 * @param folder holds persona.yaml, guard.yaml and specialists/*.md
 * @throws PackError
 */
export function loadPack(folder: string): Persona {
  return readPack(folder);
}

/** In a folder of packs the id leads back to the pack's folder, and two packs of one id would hide each other. */
function readPack(folder: string, expectedId?: string): Persona {
  const reader = createPackReader(folder);
  const file = reader.readYaml('persona.yaml', personaFileSchema);
  const guard = reader.readYaml('guard.yaml', guardPolicySchema);
  const specialists = (file?.specialists ?? []).flatMap((id) => {
    const specialist = reader.readSpecialist(`specialists/${id}.md`);
    if (specialist && specialist.id !== id)
      reader.report(
        `specialists/${id}.md`,
        2,
        `id is "${specialist.id}" but the file is named "${id}"; make them the same`,
      );
    return specialist ? [specialist] : [];
  });
  if (file && expectedId !== undefined && file.id !== expectedId) {
    const message = `id is "${file.id}" but the folder is named "${expectedId}"; make them the same`;
    reader.report('persona.yaml', reader.lineOf('id'), message);
  }
  if (file && !file.specialists.includes(file.fallback_specialist)) {
    reader.report(
      'persona.yaml',
      reader.lineOf('fallback_specialist'),
      `fallback_specialist "${file.fallback_specialist}" is not among the specialists; name one of ${file.specialists.join(', ')}`,
    );
  }
  if (reader.problems.length > 0 || !file || !guard) throw new PackError(reader.problems);
  return Object.freeze({
    ...file,
    specialists,
    guard,
    namespaces: [...new Set(specialists.flatMap((specialist) => specialist.namespaces))],
    version: reader.version(),
  });
}

function createPackReader(folder: string) {
  const problems: string[] = [];
  const hash = createHash('sha256');
  const texts = new Map<string, string>();
  const report = (name: string, line: number, message: string) => {
    problems.push(`${relative(process.cwd(), join(folder, name)) || name}:${line}: ${message}.`);
  };
  const read = (name: string): string | undefined => {
    try {
      const text = readFileSync(join(folder, name), 'utf8');
      hash.update(name).update(text);
      texts.set(name, text);
      return text;
    } catch (error) {
      const reason =
        (error as NodeJS.ErrnoException).code === 'ENOENT'
          ? 'the file is missing; add it'
          : (error as Error).message;
      report(name, 1, reason);
      return undefined;
    }
  };
  const validate = <Schema extends z.ZodType>(options: {
    name: string;
    text: string;
    schema: Schema;
    firstLine: number;
  }): z.output<Schema> | undefined => {
    const { name, ...content } = options;
    const { data, problems: found } = validateYaml(content);
    for (const { line, message } of found) report(name, line, message);
    return data;
  };
  return {
    problems,
    report,
    version: () => hash.digest('hex').slice(0, 16),
    lineOf: (key: string) => {
      const index = (texts.get('persona.yaml') ?? '')
        .split('\n')
        .findIndex((text) => text.startsWith(`${key}:`));
      return index < 0 ? 1 : index + 1;
    },
    readYaml: <Schema extends z.ZodType>(name: string, schema: Schema) => {
      const text = read(name);
      return text === undefined ? undefined : validate({ name, text, schema, firstLine: 1 });
    },
    readSpecialist: (name: string): Specialist | undefined => {
      const text = read(name);
      if (text === undefined) return undefined;
      const match = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text);
      if (!match) {
        report(name, 1, 'begin the file with front matter between two lines "---"');
        return undefined;
      }
      const front = validate({ name, text: match[1] ?? '', schema: specialistFileSchema, firstLine: 2 });
      const prompt = (match[2] ?? '').trim();
      if (prompt === '')
        report(
          name,
          text.split('\n').length,
          'the prompt below the front matter is empty; write how this specialist speaks',
        );
      return front ? { ...front, prompt } : undefined;
    },
  };
}
