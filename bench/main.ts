import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';

import { benchAccounts } from './accounts.ts';
import { benchAnswers } from './answers.ts';
import { benchColdStart } from './cold-start.ts';
import { benchIngest } from './ingest.ts';
import { type Measurement, isMet, toCells, toTable } from './measurement.ts';
import { benchSearch } from './search.ts';
import { benchStreams } from './streams.ts';
import { benchTokens } from './tokens.ts';

const usage = `npm run bench -- [options]

  --only A,B      of: cold-start, retrieval, answers, ingest, accounts, tokens, streams
  --sizes N,N     passages for retrieval and answers (1000,10000,100000)
  --streams N,N   streams at once (1,50,500,1000)
  --corpus DIR    natural text for the passages (the documentation found on this machine)
  --pdf FILE      what is uploaded (../shared/pdfs/freeculture.pdf, else 300 generated pages)
  --json FILE     writes everything measured`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    sizes: { type: 'string', default: '1000,10000,100000' },
    streams: { type: 'string', default: '1,50,500,1000' },
    corpus: { type: 'string' },
    pdf: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const numbers = (text: string) => text.split(',').map(Number);
const sizes = numbers(values.sizes);
const corpus = values.corpus === undefined ? {} : { corpusFolder: values.corpus };

const benches: Record<string, (report: (measurement: Measurement) => void) => Promise<void>> = {
  'cold-start': benchColdStart,
  retrieval: (report) => benchSearch(report, { sizes, ...corpus }),
  answers: (report) => benchAnswers(report, { sizes, ...corpus }),
  ingest: (report) => benchIngest(report, values.pdf),
  accounts: benchAccounts,
  tokens: (report) => benchTokens(report, values.corpus),
  streams: (report) => benchStreams(report, numbers(values.streams)),
};

function describeMachine() {
  const [first] = cpus();
  const commit = (() => {
    try {
      return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      return 'unknown';
    }
  })();
  return {
    date: new Date().toISOString().slice(0, 16),
    commit: String(commit).trim(),
    node: process.version,
    processor: `${cpus().length} x ${first?.model ?? 'unknown'}`,
    memory_gb: Math.round(totalmem() / 1e9),
    load_before: loadavg()[0],
  };
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const names = values.only?.split(',') ?? Object.keys(benches);
  const unknown = names.filter((name) => !(name in benches));
  const notNumbers = [...sizes, ...numbers(values.streams)].filter(
    (size) => !Number.isInteger(size) || size < 1,
  );
  if (unknown.length > 0 || notNumbers.length > 0) {
    console.error(`Not known: ${[...unknown, ...notNumbers].join(', ')}\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const machine = describeMachine();
  console.log(
    Object.entries(machine)
      .map((entry) => entry.join(': '))
      .join(' · '),
  );
  const groups: Record<string, { seconds: number; measurements: Measurement[] }> = {};
  for (const name of names) {
    const measurements: Measurement[] = [];
    const start = performance.now();
    await benches[name]?.((measurement) => {
      measurements.push(measurement);
      console.log(toCells(measurement).filter(Boolean).join(' · '));
    });
    groups[name] = { seconds: Math.round((performance.now() - start) / 1_000), measurements };
  }
  for (const [name, { seconds, measurements }] of Object.entries(groups)) {
    console.log(`\n### ${name} (${seconds} s)\n\n${toTable(measurements)}`);
  }
  const missed = Object.values(groups)
    .flatMap((group) => group.measurements)
    .filter((measurement) => isMet(measurement) === false);
  console.log(
    `\n${missed.length === 0 ? 'Every budget is met.' : `Missed: ${missed.map(({ name }) => name).join('; ')}.`}`,
  );
  if (values.json) {
    await writeFile(
      values.json,
      `${JSON.stringify({ ...machine, load_after: loadavg()[0], groups }, null, 2)}\n`,
    );
  }
}

// What was started and made is ended and removed on exit.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
await main();
