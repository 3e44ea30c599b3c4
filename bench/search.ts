import type { Report } from './measurement.ts';
import { benchRetrieval, type RetrievalBenchRow } from './retrieval.ts';

const LARGEST = 100_000;
const budgets = { p50: 5, p99: 20, eightP99: 40, loop: 10, memoryMb: 300 };

/** The passage index beside plain FTS5 over the same passages and questions in the same run, as lines of the table. */
export async function benchSearch(
  report: Report,
  options: { sizes: readonly number[]; corpusFolder?: string },
): Promise<void> {
  const { rows, natural_passages: natural } = await benchRetrieval(options);
  for (const size of options.sizes) {
    const own = rows.filter((row) => row.passages === size);
    const plain = own.find((row) => row.engine === 'fts5 without stop words');
    const allWords = own.find((row) => row.engine === 'fts5 all words');
    for (const row of own) {
      if (row.engine === 'embedded lexical' || row.engine === 'embedded hybrid') {
        reportEngine(report, row, { plain, allWords, natural });
      }
    }
  }
}

function reportEngine(
  report: Report,
  row: RetrievalBenchRow,
  beside: { plain: RetrievalBenchRow | undefined; allWords: RetrievalBenchRow | undefined; natural: number },
): void {
  const { plain, allWords, natural } = beside;
  const isLexical = row.engine === 'embedded lexical';
  const name = (what: string) =>
    `${isLexical ? 'lexical' : 'hybrid (384)'} search, ${row.passages.toLocaleString('en-US')} passages, ${what}`;
  const limit = (budget: number) => (row.passages === LARGEST ? { budget: { limit: budget } } : {});
  const against = (value: number | undefined, title: string) =>
    value === undefined ? {} : { baseline: { value, name: title } };
  const few = natural < row.passages ? `, ${natural} of them natural` : '';
  report({
    name: name('p50'),
    ours: row.p50_ms,
    unit: 'ms',
    ...against(plain?.p50_ms, 'FTS5 without stop words'),
    ...limit(budgets.p50),
    note: `FTS5 with all words ${allWords?.p50_ms ?? '-'} ms${few}`,
  });
  report({
    name: name('p99'),
    ours: row.p99_ms,
    unit: 'ms',
    ...against(plain?.p99_ms, 'FTS5 without stop words'),
    ...limit(budgets.p99),
    note: `FTS5 with all words ${allWords?.p99_ms ?? '-'} ms`,
  });
  if (row.eight_p99_ms !== undefined) {
    const note = `p50 ${row.eight_p50_ms ?? '-'} ms`;
    report({
      name: name('p99 of eight at once'),
      ours: row.eight_p99_ms,
      unit: 'ms',
      ...limit(budgets.eightP99),
      note,
    });
  }
  if (row.worst_loop_delay_ms !== undefined) {
    report({
      name: name('worst delay of the event loop'),
      ours: row.worst_loop_delay_ms,
      unit: 'ms',
      ...limit(budgets.loop),
      note: 'with 2 ms of the sampling itself',
    });
  }
  if (row.memory_mb !== undefined) {
    const note = `on disk ${row.disk_mb} MB (FTS5 ${plain?.disk_mb ?? '-'}), built in ${row.build_ms} ms (FTS5 ${plain?.build_ms ?? '-'}), opened in ${row.open_ms ?? '-'} ms`;
    report({
      name: name('process memory'),
      ours: row.memory_mb,
      unit: 'MB',
      ...limit(budgets.memoryMb),
      note,
    });
  }
}
