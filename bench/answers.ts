import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { ask, type BenchUser, createUser, send, time } from './client.ts';
import { collectPassages, listQuestions } from './collect-passages.ts';
import { fillKnowledge } from './fill-knowledge.ts';
import { median, quantile, type Report } from './measurement.ts';
import { prepareSample, readMemory, withFolder, withServer } from './start-server.ts';

const QUESTIONS = 300;
const WARMING_QUESTIONS = 20;
const COMMITS = 200;
const BUDGET_PASSAGES = 10_000;
const BUDGET_MS = 10;

/**
 * Whole turns without a language model over HTTP against the built server: guard, routing, retrieval, selection,
 * citations and the durable record, one question after another.
 */
export async function benchAnswers(
  report: Report,
  options: { sizes: readonly number[]; corpusFolder?: string },
): Promise<void> {
  const { sizes, ...source } = options;
  const { passages } = await collectPassages({ ...source, wanted: Math.max(...sizes) });
  const commits = await withFolder((folder) => Promise.resolve(timeCommits(join(folder, 'commits.db'))));
  report({
    name: 'one durable commit of bare SQLite on this disk, p50',
    ours: median(commits),
    unit: 'ms',
    note: `WAL, synchronous=FULL; p99 ${quantile(commits, 0.99).toFixed(1)} ms; a turn needs two`,
  });
  for (const size of sizes) {
    const own = passages.slice(0, size);
    let filledMs = 0;
    const prepare = async (folder: string) => {
      await prepareSample(folder);
      filledMs = await time(() => fillKnowledge(folder, own));
    };
    await withServer({ prepare }, async (server) => {
      const user = await createUser(server.origin);
      const questions = listQuestions(own, QUESTIONS + WARMING_QUESTIONS);
      for (const question of questions.slice(0, WARMING_QUESTIONS)) await ask(user, question);
      const turns: number[] = [];
      const pings: number[] = [];
      const steps: Record<string, number>[] = [];
      let answered = 0;
      for (const question of questions.slice(WARMING_QUESTIONS)) {
        const start = performance.now();
        const message = await ask(user, question);
        turns.push(performance.now() - start);
        steps.push(await readSteps(user, message.id));
        if (message.sources.length > 0) answered += 1;
        pings.push(await time(async () => (await send(user, '/liveness')).text()));
      }
      const named = `of ${size.toLocaleString('en-US')} passages`;
      const baseline = { value: median(pings), name: 'round trip of /liveness' };
      const memory = readMemory(server.pid);
      report({
        name: `extractive turn p50, ${named}`,
        ours: median(turns),
        unit: 'ms',
        baseline,
        ...(size <= BUDGET_PASSAGES ? { budget: { limit: BUDGET_MS } } : {}),
        note: `${Math.round((answered / QUESTIONS) * 100)} % of ${QUESTIONS} questions answered with sources, filled in ${(filledMs / 1_000).toFixed(0)} s`,
      });
      for (const name of Object.keys(steps[0] ?? {})) {
        report({
          name: `of which ${name}, p50, ${named}`,
          ours: median(steps.map((step) => step[name] ?? 0)),
          unit: 'ms',
        });
      }
      report({
        name: `extractive turn p99, ${named}`,
        ours: quantile(turns, 0.99),
        unit: 'ms',
        baseline: { value: quantile(pings, 0.99), name: 'round trip of /liveness' },
        ...(memory ? { note: `server then at ${memory.residentMb.toFixed(0)} MB resident` } : {}),
      });
    });
  }
}

/** How long each step of a turn took, in milliseconds, from its receipt, which tells when each had ended. */
async function readSteps(user: BenchUser, turnId: number): Promise<Record<string, number>> {
  const response = await send(user, `/api/v1/chat/turns/${turnId}/receipt`);
  const receipt = (await response.json()) as { timings_ms: Record<string, number> };
  const ends = Object.entries(receipt.timings_ms).filter(([name]) => name !== 'total');
  return Object.fromEntries(
    ends.map(([name, end], position) => [name, end - (ends[position - 1]?.[1] ?? 0)]),
  );
}

/** What the disk takes for one commit that survives a power cut; every turn waits for its first and its last one. */
function timeCommits(path: string): number[] {
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; pragma synchronous = full; create table events (payload text);');
  const insert = database.prepare('insert into events (payload) values (?)');
  const payload = 'x'.repeat(2_000);
  const times = Array.from({ length: COMMITS }, () => {
    const start = performance.now();
    insert.run(payload);
    return performance.now() - start;
  });
  database.close();
  return times;
}
