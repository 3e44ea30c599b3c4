import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import type { ApiClient } from '../../shared/api-client.ts';
import { readJsonLines } from '../../server/read-json-lines.ts';
import { guardActionSchema, type Message } from '../../shared/messages.ts';
import { retryPolitely } from '../import/retry-politely.ts';

const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const goldenSchema = z.object({
  question: z.string().min(1),
  persona: z.string().optional(),
  /** Earlier questions of the chat, oldest first. */
  after: z.array(z.string().min(1)).optional(),
  /** Short forms of `expect.documents` and `expect.contains`. */
  file: z.string().optional(),
  contains: texts.optional(),
  expect: z
    .object({
      /** File names or titles, any of which must be cited. */
      documents: texts.optional(),
      contains: texts.optional(),
      action: guardActionSchema.optional(),
      /** Nothing is cited: the knowledge holds no answer, or none is asked for. */
      abstain: z.boolean().optional(),
    })
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

export type GoldenItem = { id: string; question: string; answer: string; reason: string; score: number };

/**
 * Asks the golden questions of a JSONL file one by one and compares the answers: one of the expected documents (title
 * or file name, its ending aside) is cited, every expected text is in the answer or a quote, the guard acted as
 * expected, and nothing is cited where abstaining is expected.
 * @throws AppError invalid_field naming file and line of another form, ApiError when asking fails
 */
export async function evaluateGolden(options: {
  client: Pick<ApiClient, 'ask' | 'getDocument'>;
  path: string;
  persona: string | undefined;
  onItem?: (item: GoldenItem) => void;
}): Promise<GoldenFigures> {
  const { client, path } = options;
  const questions = await readJsonLines(path, goldenSchema);
  const fileNameOf = createFileNameReader(client);
  const failures: GoldenFigures['failures'] = [];
  const timesMs: number[] = [];
  for (const [index, golden] of questions.entries()) {
    const message = await askInChat(golden, options);
    timesMs.push(message.response_time_ms ?? 0);
    const names = await Promise.all(
      message.sources.map(async (source) => [source.title, (await fileNameOf(source.document_id)) ?? '']),
    );
    const reason = findFault(golden, { message, names: names.flat() });
    if (reason !== undefined) failures.push({ question: golden.question, reason });
    options.onItem?.({
      id: String(index + 1),
      question: golden.question,
      answer: message.content,
      reason: reason ?? '',
      score: reason === undefined ? 1 : 0,
    });
  }
  const passed = questions.length - failures.length;
  const median = timesMs.sort((left, right) => left - right)[Math.floor(timesMs.length / 2)] ?? 0;
  return { questions: questions.length, passed, share: passed / questions.length, p50_ms: median, failures };
}

/** Asks the question, behind the earlier ones of its chat. */
async function askInChat(
  golden: GoldenQuestion,
  options: { client: Pick<ApiClient, 'ask'>; persona: string | undefined },
): Promise<Message> {
  const persona = golden.persona ?? options.persona;
  const ask = (content: string, chatId: number | undefined) =>
    retryPolitely(
      () => options.client.ask({ content, ...(chatId === undefined ? { persona } : { chat_id: chatId }) }),
      delay,
    );
  let chatId: number | undefined;
  for (const earlier of golden.after ?? []) chatId = (await ask(earlier, chatId)).chat_id;
  return ask(golden.question, chatId);
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
  if (golden.expect?.abstain === true && message.sources.length > 0)
    return `nothing should be cited, but ${message.sources.map(({ title }) => title).join(', ')}`;
  const documents = golden.expect?.documents ?? (golden.file === undefined ? [] : [golden.file]);
  const cited = new Set(names.map(stemOf));
  if (documents.length > 0 && !documents.some((name) => cited.has(stemOf(name)))) {
    const instead = message.sources.map(({ title }) => title).join(', ');
    return `${documents.join(' or ')} is not cited${instead === '' ? '' : `, but ${instead}`}`;
  }
  // Markers stand between the sentences of an answer, and an expected text may run over two.
  const content = message.content.replaceAll(/ ?\[\d+\]/g, '');
  const said = fold([content, ...message.sources.map(({ quote }) => quote)].join('\n'));
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
