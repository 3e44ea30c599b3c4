import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import type { ApiClient } from '../../shared/api-client.ts';
import { guardActionSchema, type Message } from '../../shared/messages.ts';
import { usageMistake } from '../command-context.ts';
import { retryPolitely } from '../import/retry-politely.ts';

const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const goldenSchema = z.object({
  question: z.string().min(1),
  persona: z.string().optional(),
  /** Short forms of `expect.documents` and `expect.contains`. */
  file: z.string().optional(),
  contains: texts.optional(),
  expect: z
    .object({ documents: texts.optional(), contains: texts.optional(), action: guardActionSchema.optional() })
    .optional(),
});
type GoldenQuestion = z.infer<typeof goldenSchema>;

export type GoldenFigures = {
  questions: number;
  passed: number;
  share: number;
  p50_ms: number;
  failures: { question: string; reason: string }[];
};

/**
 * Asks the golden questions of a JSONL file one by one and compares the answers: every expected document (title or file
 * name, its ending aside) is cited, every expected text is in the answer or a quote, the guard acted as expected.
 * @throws CommandFailure (usage) naming a line of another form, ApiError when asking fails
 */
export async function evaluateGolden(options: {
  client: Pick<ApiClient, 'ask' | 'getDocument'>;
  path: string;
  persona: string | undefined;
}): Promise<GoldenFigures> {
  const { client, path, persona } = options;
  const questions = readQuestions(await readFile(path, 'utf8'), path);
  const fileNameOf = createFileNameReader(client);
  const failures: GoldenFigures['failures'] = [];
  const timesMs: number[] = [];
  for (const golden of questions) {
    const question = { content: golden.question, persona: golden.persona ?? persona };
    const message = await retryPolitely(() => client.ask(question), delay);
    timesMs.push(message.response_time_ms ?? 0);
    const names = await Promise.all(
      message.sources.map(async (source) => [source.title, (await fileNameOf(source.document_id)) ?? '']),
    );
    const reason = findFault(golden, { message, names: names.flat() });
    if (reason !== undefined) failures.push({ question: golden.question, reason });
  }
  const passed = questions.length - failures.length;
  const median = timesMs.sort((left, right) => left - right)[Math.floor(timesMs.length / 2)] ?? 0;
  return { questions: questions.length, passed, share: passed / questions.length, p50_ms: median, failures };
}

function readQuestions(content: string, path: string): GoldenQuestion[] {
  const questions: GoldenQuestion[] = [];
  for (const [index, line] of content.split('\n').entries()) {
    if (line.trim() === '') continue;
    const result = goldenSchema.safeParse(parseJson(line));
    if (!result.success) {
      throw usageMistake(
        `${path}:${index + 1}: expected {"question": "...", "expect": {"documents", "contains", "action"}}.`,
      );
    }
    questions.push(result.data);
  }
  if (questions.length === 0) throw usageMistake(`${path}: holds no question.`);
  return questions;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Told with its line number by the caller, like every other line of a wrong form.
    return undefined;
  }
}

function createFileNameReader(client: Pick<ApiClient, 'getDocument'>) {
  const known = new Map<number, Promise<string | null>>();
  return (documentId: number): Promise<string | null> => {
    const name =
      known.get(documentId) ??
      retryPolitely(() => client.getDocument(documentId), delay).then((document) => document.file_name);
    known.set(documentId, name);
    return name;
  };
}

/** The first expectation that an answer does not meet. */
function findFault(
  golden: GoldenQuestion,
  answer: { message: Message; names: readonly string[] },
): string | undefined {
  const { message, names } = answer;
  const action = golden.expect?.action;
  if (action !== undefined && message.guard.action !== action)
    return `the guard said ${message.guard.action}, not ${action}`;
  const documents = golden.expect?.documents ?? (golden.file === undefined ? [] : [golden.file]);
  const cited = new Set(names.map(stemOf));
  const missing = documents.find((name) => !cited.has(stemOf(name)));
  if (missing !== undefined) {
    const instead = message.sources.map(({ title }) => title).join(', ');
    return `${missing} is not cited${instead === '' ? '' : `, but ${instead}`}`;
  }
  const said = fold([message.content, ...message.sources.map(({ quote }) => quote)].join('\n'));
  const absent = (golden.expect?.contains ?? golden.contains ?? []).find(
    (text) => !said.includes(fold(text)),
  );
  return absent === undefined ? undefined : `"${absent}" is neither in the answer nor in a quote`;
}

function stemOf(name: string): string {
  return basename(name)
    .replace(/\.\w{2,8}$/, '')
    .toLowerCase();
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ');
}
