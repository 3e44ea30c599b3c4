import { setTimeout as delay } from 'node:timers/promises';

import { type ModelServer, startModelServer } from '../test/model-server/start-model-server.ts';
import { ask, type BenchUser, createUser, send, time } from './client.ts';
import { median, quantile, type Report } from './measurement.ts';
import { arrivalOf, readStream, type StreamTimes, textOfChunk, textOfOwnFrame } from './read-stream.ts';
import { readMemory, readProcessorSeconds, type RunningServer, withServer } from './start-server.ts';

const QUESTION = 'How do I begin to meditate?';
const SINGLE_STREAMS = 60;
const FIRST_TOKEN_BUDGET_MS = 5;
/** Between two starts (fewer a second than turns can be finished), and between two tokens of one stream. */
const START_EVERY_MS = 50;
const TOKEN_MS = 100;
const SUSTAINED_MS = 6_000;
const SUSTAINED_AT_ONCE = 32;
const RESUMES = 60;
const LOSS_BUDGET_STREAMS = 1_000;

type Setting = {
  report: Report;
  model: ModelServer;
  server: RunningServer;
  user: BenchUser;
  /** What our server sends upstream for the question, so that the bare call asks for the same. */
  upstreamBody: unknown;
};

/** Added times over a bare fetch of the same upstream, at several streams at once; turns a second; resuming; memory. */
export async function benchStreams(report: Report, streamCounts: readonly number[]): Promise<void> {
  const model = await startModelServer();
  const environment = {
    OPENAI_BASE_URL: model.baseUrl,
    MAX_CONCURRENT_TURNS: '2000',
    TURNS_PER_USER: '2000',
  };
  try {
    await withServer({ environment, isWatched: true }, async (server) => {
      const user = await createUser(server.origin);
      await model.control({ replies: [writeReply(40)] });
      await ask(user, QUESTION);
      const [recorded] = await model.requests();
      if (!recorded) throw new Error('The question did not reach the model.');
      const setting = { report, model, server, user, upstreamBody: { ...recorded.body, stream: true } };
      for (const count of streamCounts) {
        if (count === 1) await benchOneAtATime(setting);
        else await benchAtOnce(setting, count);
      }
      await benchSustained(setting);
      await benchResume(setting);
    });
  } finally {
    await model.close();
  }
}

/** A reply of so many words in sentences with markers; nothing in it alarms the guard. */
function writeReply(words: number): string {
  const sentence =
    'Sit upright, let the shoulders sink and follow the breath as it comes and goes [1].'.split(' ');
  return Array.from({ length: words }, (_, position) => sentence[position % sentence.length]).join(' ');
}

function askOwn({ server, user }: Setting): Promise<StreamTimes> {
  return readStream(`${server.origin}/api/v1/chat/stream`, {
    body: { content: QUESTION },
    headers: { authorization: `Bearer ${user.token}` },
    textOf: textOfOwnFrame,
  });
}

function askBare({ model, upstreamBody }: Setting): Promise<StreamTimes> {
  return readStream(`${model.baseUrl}/chat/completions`, { body: upstreamBody, textOf: textOfChunk });
}

/**
 * When our first text came, when the upstream had sent what released it (a word leaves when the next character shows
 * that it is over), and when the upstream had sent anything at all.
 */
function firstTimes(own: StreamTimes, bare: StreamTimes) {
  const [first] = own.arrivals;
  return {
    ownMs: first?.atMs ?? own.endMs,
    releasableMs: arrivalOf(bare, (first?.endCharacter ?? 0) + 1),
    bareMs: bare.arrivals[0]?.atMs ?? bare.endMs,
  };
}

async function benchOneAtATime(setting: Setting): Promise<void> {
  const { report, model } = setting;
  const reply = writeReply(300);
  await model.control({ replies: Array.from({ length: 2 * SINGLE_STREAMS + 10 }, () => reply) });
  for (let count = 0; count < 5; count += 1) {
    await askBare(setting);
    await askOwn(setting);
  }
  const pairs: { own: StreamTimes; bare: StreamTimes }[] = [];
  for (let count = 0; count < SINGLE_STREAMS; count += 1) {
    const bare = await askBare(setting);
    pairs.push({ bare, own: await askOwn(setting) });
  }
  const firsts = pairs.map(({ own, bare }) => firstTimes(own, bare));
  const added = firsts.map(({ ownMs, releasableMs }) => ownMs - releasableMs);
  report({
    name: 'added time to first token p50, one stream',
    ours: median(added),
    unit: 'ms',
    baseline: { value: median(firsts.map(({ bareMs }) => bareMs)), name: 'bare fetch, whole' },
    budget: { limit: FIRST_TOKEN_BUDGET_MS },
    note: `guard, routing, retrieval, two commits and prompt; p99 ${quantile(added, 0.99).toFixed(1)} ms, ${SINGLE_STREAMS} pairs`,
  });
  await reportProcessorTime(setting);
  await reportHoldBack(setting);
}

/** Processor time of a turn, and of each token that comes alone, from answers of two lengths. */
async function reportProcessorTime({ report, model, server, user }: Setting): Promise<void> {
  const turns = 20;
  const [short, long] = [20, 320];
  const measure = async (words: number) => {
    const replies = Array.from({ length: turns }, () => writeReply(words));
    await model.control({ replies, pace: { tokenMs: 1 } });
    const before = readProcessorSeconds(server.pid) ?? Number.NaN;
    for (let count = 0; count < turns; count += 1) await ask(user, QUESTION);
    return ((readProcessorSeconds(server.pid) ?? Number.NaN) - before) / turns;
  };
  const shortSeconds = await measure(short);
  const perToken = ((await measure(long)) - shortSeconds) / (long - short);
  report({
    name: 'processor time of a token that comes alone',
    ours: perToken * 1e6,
    unit: 'us',
    note: `answers of ${long} tokens less answers of ${short}`,
  });
  report({
    name: 'processor time of a turn with a model, without its tokens',
    ours: (shortSeconds - short * perToken) * 1_000,
    unit: 'ms',
    note: 'durable events and citations included',
  });
}

/** With pauses between the tokens, what the first word waits for the character after it. */
async function reportHoldBack(setting: Setting): Promise<void> {
  const { report, model } = setting;
  const rounds = 5;
  const tokenMs = 40;
  await model.control({
    replies: Array.from({ length: 2 * rounds }, () => writeReply(30)),
    pace: { tokenMs },
  });
  const waits: number[] = [];
  for (let count = 0; count < rounds; count += 1) {
    const bare = await askBare(setting);
    const { releasableMs, bareMs } = firstTimes(await askOwn(setting), bare);
    waits.push(releasableMs - bareMs);
  }
  report({
    name: 'hold-back of the first word',
    ours: median(waits),
    unit: 'ms',
    baseline: { value: tokenMs, name: 'pause between two tokens' },
    note: 'a word leaves when the next token shows that it is over',
  });
}

async function startSpread(count: number, open: () => Promise<StreamTimes>) {
  const opened: Promise<StreamTimes | undefined>[] = [];
  const start = performance.now();
  for (let position = 0; position < count; position += 1) {
    await delay(Math.max(0, start + position * START_EVERY_MS - performance.now()));
    opened.push(open().catch(() => undefined));
  }
  return { results: Promise.all(opened) };
}

async function benchAtOnce(setting: Setting, count: number): Promise<void> {
  const { report, model, server } = setting;
  // Every stream still runs when the last one starts, and for two seconds more.
  const words = Math.ceil((count * START_EVERY_MS + 2_000) / TOKEN_MS);
  const reply = writeReply(words);
  const prepare = () =>
    model.control({ replies: Array.from({ length: count }, () => reply), pace: { tokenMs: TOKEN_MS } });
  await prepare();
  const bare = await (await startSpread(count, () => askBare(setting))).results;

  await prepare();
  const memoryBefore = readMemory(server.pid)?.residentMb ?? Number.NaN;
  const processorBefore = readProcessorSeconds(server.pid) ?? Number.NaN;
  server.forgetDelays();
  const { results } = await startSpread(count, () => askOwn(setting));
  const memoryDuring = readMemory(server.pid)?.residentMb ?? Number.NaN;
  const own = (await results).filter((times) => times !== undefined);
  const delays = await server.readDelays();
  const processorSeconds = (readProcessorSeconds(server.pid) ?? Number.NaN) - processorBefore;

  const whole = own.filter(({ text }) => text.startsWith(reply)).length;
  const bareWhole = bare.filter((times) => times !== undefined);
  const typical = (select: (times: StreamTimes) => number) => median(bareWhole.map(select));
  const firstEnd = median(own.map(({ arrivals }) => arrivals[0]?.endCharacter ?? 0));
  const releasableMs = typical((times) => arrivalOf(times, firstEnd + 1));
  const added = own.map((times) => (times.arrivals[0]?.atMs ?? times.endMs) - releasableMs);
  const lastBareMs = typical((times) => times.arrivals.at(-1)?.atMs ?? times.endMs);
  const lastAdded = own.map((times) => (times.arrivals.at(-1)?.atMs ?? times.endMs) - lastBareMs);
  const named = `${count.toLocaleString('en-US')} streams at once`;
  report({
    name: `streams that came whole, ${named}`,
    ours: whole,
    unit: 'streams',
    baseline: { value: bareWhole.filter(({ text }) => text === reply).length, name: 'bare fetch' },
    ...(count >= LOSS_BUDGET_STREAMS ? { budget: { limit: count, atLeast: true } } : {}),
    note: `${words} tokens each, one each ${TOKEN_MS} ms, a start each ${START_EVERY_MS} ms`,
  });
  report({
    name: `added time to first token p50, ${named}`,
    ours: median(added),
    unit: 'ms',
    baseline: {
      value: typical(({ arrivals, endMs }) => arrivals[0]?.atMs ?? endMs),
      name: 'bare fetch, whole',
    },
    ...(count < LOSS_BUDGET_STREAMS ? { budget: { limit: FIRST_TOKEN_BUDGET_MS } } : {}),
    note: `p99 ${quantile(added, 0.99).toFixed(0)} ms`,
  });
  report({
    name: `last token later than bare, p50, ${named}`,
    ours: median(lastAdded),
    unit: 'ms',
    note: `p99 ${quantile(lastAdded, 0.99).toFixed(0)} ms; event loop p99 ${delays.p99Ms.toFixed(1)}, longest ${delays.maxMs.toFixed(0)} ms`,
  });
  report({
    name: `processor time per token, ${named}`,
    ours: (processorSeconds / (count * words)) * 1e6,
    unit: 'us',
  });
  report({
    name: `memory per stream, ${named}`,
    ours: ((memoryDuring - memoryBefore) / count) * 1_000,
    unit: 'kB',
    note: `${memoryBefore.toFixed(0)} MB before, ${memoryDuring.toFixed(0)} MB with all open`,
  });
}

/** Whole turns a second in a closed loop, each with its durable events, beside the upstream alone. */
async function benchSustained(setting: Setting): Promise<void> {
  const { report, model } = setting;
  const reply = writeReply(40);
  const sustain = async (one: () => Promise<StreamTimes>) => {
    await model.control({ replies: Array.from({ length: 60_000 }, () => reply), pace: {} });
    const start = performance.now();
    let done = 0;
    const work = async () => {
      while (performance.now() - start < SUSTAINED_MS) {
        await one();
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: SUSTAINED_AT_ONCE }, work));
    return (done / (performance.now() - start)) * 1_000;
  };
  const bare = await sustain(() => askBare(setting));
  const own = await sustain(() => askOwn(setting));
  report({
    name: `turns sustained, ${SUSTAINED_AT_ONCE} at once`,
    ours: own,
    unit: 'turns/s',
    baseline: { value: bare, name: 'bare fetch' },
    note: '40 tokens each; model server and client share the processors',
  });
}

/** How soon the rest of an answer comes to a client that returns. */
async function benchResume({ report, user }: Setting): Promise<void> {
  const { id } = await ask(user, QUESTION);
  const resumes: number[] = [];
  const pings: number[] = [];
  for (let count = 0; count < RESUMES; count += 1) {
    resumes.push(
      await time(async () => {
        const response = await send(user, `/api/v1/chat/turns/${id}/events`, {
          headers: { 'last-event-id': '3' },
        });
        const reader = response.body?.getReader();
        await reader?.read();
        await reader?.cancel();
      }),
    );
    pings.push(await time(async () => (await send(user, '/liveness')).text()));
  }
  report({
    name: 'resuming an ended answer, first frame p50',
    ours: median(resumes),
    unit: 'ms',
    baseline: { value: median(pings), name: 'round trip of /liveness' },
    note: `p99 ${quantile(resumes, 0.99).toFixed(1)} ms`,
  });
}
