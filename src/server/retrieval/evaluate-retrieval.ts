import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { loadAnalyser } from './analyse-text.ts';
import { createIndexEngine, type IndexEngine } from './engine/index-engine.ts';
import type { RankingParameters } from './engine/ranking-parameters.ts';
import { createSegmentBuilder } from './engine/segment-builder.ts';
import { maximumPassageCharacters } from './passage-limits.ts';
import { splitPassages } from './split-passages.ts';

/** Quality means over the questions, 0 to 1, and the time of one search in milliseconds. */
export type RetrievalFigures = {
  ndcg_at_10: number;
  recall_at_20: number;
  mrr_at_10: number;
  queries: number;
  documents: number;
  passages: number;
  p50_ms: number;
  p99_ms: number;
};

type CollectionDocument = { id: string; title: string; text: string };
type Collection = {
  documents: CollectionDocument[];
  questions: { id: string; text: string }[];
  /** Relevant documents of each question with their grades. */
  judgements: Map<string, Map<string, number>>;
};

const namespace = 'collection';
const stagedAtOnce = 4_000;
const rankedDocuments = 20;
/** Questions asked before the clock counts, so that the first one's compilation is not taken for a slow search. */
const warmingQuestions = 30;

async function readRecords(path: string): Promise<CollectionDocument[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const { _id: id, title = '', text } = JSON.parse(line) as { _id: string; title?: string; text: string };
    return { id, title, text };
  });
}

/** Reads a folder in BEIR form: corpus.jsonl, queries.jsonl and qrels/test.tsv; grades above 0 are relevant. */
async function readCollection(folder: string): Promise<Collection> {
  const judgements: Collection['judgements'] = new Map();
  const rows = (await readFile(join(folder, 'qrels', 'test.tsv'), 'utf8')).split('\n').slice(1);
  for (const row of rows) {
    const [question = '', document = '', grade = ''] = row.trim().split('\t');
    if (Number(grade) <= 0 || Number.isNaN(Number(grade))) continue;
    const grades = judgements.get(question) ?? new Map<string, number>();
    judgements.set(question, grades.set(document, Number(grade)));
  }
  const questions = await readRecords(join(folder, 'queries.jsonl'));
  return {
    documents: await readRecords(join(folder, 'corpus.jsonl')),
    questions: questions.filter(({ id }) => judgements.has(id)),
    judgements,
  };
}

async function indexCollection(
  documents: readonly CollectionDocument[],
  parameters: Partial<RankingParameters>,
) {
  const analyser = await loadAnalyser('english');
  const engine = createIndexEngine({ analyser, parameters });
  let builder = createSegmentBuilder({ analyser, dimension: 0 });
  let passages = 0;
  let segmentId = 0;
  const flush = () => {
    if (builder.passageCount > 0) engine.load((segmentId += 1), builder.finish());
    builder = createSegmentBuilder({ analyser, dimension: 0 });
  };
  for (const [documentId, document] of documents.entries()) {
    const { text } = document;
    const pieces =
      text.length <= maximumPassageCharacters
        ? [text]
        : splitPassages({ format: 'text', text, blocks: [], warnings: [] }).map((draft) => draft.text);
    for (const piece of pieces) {
      builder.add({
        id: (passages += 1),
        documentId,
        namespace,
        title: document.title,
        headingPath: [],
        text: piece,
      });
    }
    if (builder.passageCount >= stagedAtOnce) flush();
  }
  flush();
  return { engine, passages };
}

/** Documents by their best passage, best first. */
function rankDocuments(engine: IndexEngine, text: string): number[] {
  const { candidates } = engine.search({ text, namespaces: [namespace], limit: rankedDocuments * 5 });
  return [...new Set(candidates.map(({ documentId }) => documentId))].slice(0, rankedDocuments);
}

function discount(grades: readonly number[]): number {
  return grades.reduce((sum, grade, index) => sum + grade / Math.log2(index + 2), 0);
}

function judge(ranking: readonly string[], grades: ReadonlyMap<string, number>) {
  const ideal = [...grades.values()].sort((left, right) => right - left).slice(0, 10);
  const gained = ranking.slice(0, 10).map((id) => grades.get(id) ?? 0);
  const first = gained.findIndex((grade) => grade > 0);
  return {
    ndcg: discount(gained) / discount(ideal),
    recall: ranking.slice(0, 20).filter((id) => grades.has(id)).length / grades.size,
    reciprocalRank: first < 0 ? 0 : 1 / (first + 1),
  };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** The value below which a share of the sorted values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/**
 * Runs the questions of a folder in BEIR form through the product's analyser, splitter and ranking. Documents of up to
 * 2,000 characters are one passage; a longer one counts by its best passage. nDCG uses the judgements' grades.
 * @param options.parameters ranking parameters to try instead of the product's
 * @throws when a file of the folder is missing or is not JSON lines
 */
export async function evaluateRetrieval(
  folder: string,
  options: { parameters?: Partial<RankingParameters>; now?: () => number } = {},
): Promise<RetrievalFigures> {
  const { parameters = {}, now = () => performance.now() } = options;
  const collection = await readCollection(folder);
  const { engine, passages } = await indexCollection(collection.documents, parameters);
  for (const { text } of collection.questions.slice(0, warmingQuestions)) rankDocuments(engine, text);
  const timesMs: number[] = [];
  const judged = collection.questions.map(({ id, text }) => {
    const start = now();
    const ranking = rankDocuments(engine, text);
    timesMs.push(now() - start);
    const ids = ranking.map((number) => collection.documents[number]?.id ?? '');
    return judge(ids, collection.judgements.get(id) ?? new Map());
  });
  timesMs.sort((left, right) => left - right);
  return {
    ndcg_at_10: mean(judged.map(({ ndcg }) => ndcg)),
    recall_at_20: mean(judged.map(({ recall }) => recall)),
    mrr_at_10: mean(judged.map(({ reciprocalRank }) => reciprocalRank)),
    queries: judged.length,
    documents: collection.documents.length,
    passages,
    p50_ms: percentile(timesMs, 0.5),
    p99_ms: percentile(timesMs, 0.99),
  };
}
