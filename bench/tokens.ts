import { countTokens } from '../src/server/models/count-tokens.ts';
import { time } from './client.ts';
import { collectPassages } from './collect-passages.ts';
import { median, type Report } from './measurement.ts';

const PASSAGES = 1_000;
const ROUNDS = 5;

/** What counting tokens costs: loading the tables once, then each thousand characters. */
export async function benchTokens(report: Report, corpusFolder?: string): Promise<void> {
  const { passages } = await collectPassages({
    wanted: PASSAGES,
    ...(corpusFolder === undefined ? {} : { corpusFolder }),
  });
  const texts = passages.map((passage) => passage.text);
  const thousands = texts.reduce((sum, text) => sum + text.length, 0) / 1_000;
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const loadMs = await time(() => countTokens('a'));
  const grownMb = (process.memoryUsage().rss - before) / 1e6;
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await time(() => countTokens(...texts)));
  report({
    name: 'first count of tokens (loads the tables)',
    ours: loadMs,
    unit: 'ms',
    note: `${grownMb.toFixed(0)} MB more resident; not at start`,
  });
  report({
    name: 'counting tokens, per 1,000 characters',
    ours: (median(times) / thousands) * 1_000,
    unit: 'us',
    note: `${texts.length} passages, median of ${ROUNDS}`,
  });
}
