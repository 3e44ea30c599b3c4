import { join } from 'node:path';

import { z } from 'zod';

import { readJsonLines } from '../read-json-lines.ts';
import { loadAnalyser } from '../retrieval/analyse-text.ts';
import { createIndexEngine } from '../retrieval/engine/index-engine.ts';
import { createSegmentBuilder } from '../retrieval/engine/segment-builder.ts';
import type { RetrievedPassage } from '../retrieval/passage.ts';
import { type Evidence, readEvidence } from './evidence/read-evidence.ts';
import { judgeEvidence } from './judge-evidence.ts';
import { rerankPassages } from './rerank-passages.ts';
import { selectSentences } from './select-sentences.ts';

const paragraphLine = z.object({ id: z.string(), title: z.string(), text: z.string() });
const questionLine = z.object({
  id: z.string(),
  question: z.string(),
  kind: z.enum(['answerable', 'absent', 'near-miss']),
  paragraph: z.string().nullable(),
  answers: z.array(z.string()),
});

/** A labelled question: its paragraph is in the collection, is not, or is there and does not answer. */
export type AnswerQuestion = z.infer<typeof questionLine>;

/** One measured question; `score` is 1 when it was treated rightly: answered from the first sentence, or abstained. */
export type AnsweredItem = {
  id: string;
  kind: AnswerQuestion['kind'];
  verdict: string;
  presence: number;
  answerability: number;
  first: string;
  score: number;
};

export type AnswerDataset = {
  questions: AnswerQuestion[];
  /** Searches the paragraphs as the product does and reads the best ones as evidence. */
  readQuestion(question: string): Evidence;
  paragraphOf(passage: RetrievedPassage): string;
  titleOf(paragraph: string): string;
};

/** Shares between 0 and 1; the `auroc_` figures say how well a score parts answerable questions from the others. */
export type AnswerFigures = {
  answerable: number;
  absent: number;
  near_miss: number;
  paragraph_recall_at_1: number;
  /** A gold answer in the strongest selected sentence, and in the two strongest. */
  answer_in_first: number;
  answer_in_first_two: number;
  auroc_absent: number;
  auroc_near_miss: number;
  absent_abstained: number;
  answerable_answered: number;
  p50_ms: number;
  p99_ms: number;
};

const namespace = 'collection';
const readPassages = 8;

/**
 * Opens a folder with paragraphs.jsonl {id, title, text} and questions.jsonl {id, question, kind, paragraph, answers}.
 * The paragraphs are indexed by the product's own engine in memory, one passage each.
 * @throws AppError invalid_field naming file and line when a file is missing or a line is of another form.
 */
export async function openAnswerDataset(folder: string): Promise<AnswerDataset> {
  const paragraphs = await readJsonLines(join(folder, 'paragraphs.jsonl'), paragraphLine);
  const analyser = await loadAnalyser('english');
  const builder = createSegmentBuilder({ analyser, dimension: 0 });
  const engine = createIndexEngine({ analyser });
  for (const [index, { title, text }] of paragraphs.entries()) {
    builder.add({ id: index + 1, documentId: index + 1, namespace, title, headingPath: [], text });
  }
  engine.load(1, builder.finish());
  const titles = new Map(paragraphs.map(({ id, title }) => [id, title]));
  return {
    questions: await readJsonLines(join(folder, 'questions.jsonl'), questionLine),
    readQuestion(question) {
      const { candidates, terms } = engine.search({
        text: question,
        namespaces: [namespace],
        limit: readPassages,
      });
      const passages = candidates.map(({ passageId, documentId, score, coverage }): RetrievedPassage => {
        const { title = '', text = '' } = paragraphs[passageId - 1] ?? {};
        const place = {
          namespace,
          version: 1,
          url: null,
          youtubeUrl: null,
          locator: { start: 0, end: text.length },
        };
        return { ...place, passageId, documentId, title, text, score, coverage };
      });
      return readEvidence({ question, terms, passages });
    },
    paragraphOf: (passage) => paragraphs[passage.passageId - 1]?.id ?? '',
    titleOf: (paragraph) => titles.get(paragraph) ?? '',
  };
}

/**
 * Measures extractive answers and the evidence gate on a labelled folder, through the code that answers users:
 * search, evidence, reranking, sentence selection and the gate with its shipped threshold.
 */
export async function evaluateAnswers(
  folder: string,
  onItem: (item: AnsweredItem) => void = () => {},
): Promise<AnswerFigures> {
  const dataset = await openAnswerDataset(folder);
  const tally = { paragraph: 0, first: 0, firstTwo: 0, abstained: 0, answered: 0 };
  const presence = { answerable: [] as number[], absent: [] as number[] };
  const answerability = { answerable: [] as number[], nearMiss: [] as number[] };
  const times: number[] = [];
  for (const { id, question, kind, paragraph, answers } of dataset.questions) {
    const start = performance.now();
    const evidence = dataset.readQuestion(question);
    const judgement = judgeEvidence(evidence);
    const { ranked } = selectSentences(evidence);
    times.push(performance.now() - start);
    const holds = ranked.slice(0, 2).map((sentence) => holdsAnswer(sentence.text, answers));
    const { verdict, answerability: answering, score: found } = judgement;
    const isRight = kind === 'answerable' ? verdict !== 'none' && holds[0] === true : verdict === 'none';
    const shown = { presence: found, answerability: answering, first: ranked[0]?.text ?? '' };
    onItem({ id, kind, verdict, ...shown, score: isRight ? 1 : 0 });
    if (kind === 'near-miss') answerability.nearMiss.push(judgement.answerability);
    if (kind === 'absent') {
      presence.absent.push(judgement.score);
      if (judgement.verdict === 'none') tally.abstained += 1;
    }
    if (kind !== 'answerable') continue;
    presence.answerable.push(judgement.score);
    answerability.answerable.push(judgement.answerability);
    if (judgement.verdict !== 'none') tally.answered += 1;
    const [top] = rerankPassages(evidence);
    if (top !== undefined && dataset.paragraphOf(top) === paragraph) tally.paragraph += 1;
    if (holds[0] === true) tally.first += 1;
    if (holds.includes(true)) tally.firstTwo += 1;
  }
  times.sort((left, right) => left - right);
  const answerable = presence.answerable.length;
  const share = (count: number, of: number) => (of === 0 ? 0 : count / of);
  return {
    answerable,
    absent: presence.absent.length,
    near_miss: answerability.nearMiss.length,
    paragraph_recall_at_1: share(tally.paragraph, answerable),
    answer_in_first: share(tally.first, answerable),
    answer_in_first_two: share(tally.firstTwo, answerable),
    auroc_absent: areaUnderCurve(presence.answerable, presence.absent),
    auroc_near_miss: areaUnderCurve(answerability.answerable, answerability.nearMiss),
    absent_abstained: share(tally.abstained, presence.absent.length),
    answerable_answered: share(tally.answered, answerable),
    p50_ms: times[Math.floor(times.length / 2)] ?? 0,
    p99_ms: times[Math.floor(times.length * 0.99)] ?? 0,
  };
}

/** Whether a sentence holds one of the gold answers, case and runs of space aside. */
export function holdsAnswer(sentence: string, answers: readonly string[]): boolean {
  const text = normalise(sentence);
  return answers.some((answer) => text.includes(normalise(answer)));
}

/**
 * Area under the ROC curve: how often a positive scores above a negative, ties counting half (the Mann-Whitney
 * statistic). 0 when one side is empty.
 */
export function areaUnderCurve(positives: readonly number[], negatives: readonly number[]): number {
  const all = [
    ...positives.map((score) => ({ score, isPositive: true })),
    ...negatives.map((score) => ({ score, isPositive: false })),
  ].sort((left, right) => left.score - right.score);
  let rankSum = 0;
  for (let first = 0; first < all.length;) {
    let end = first;
    while (all[end]?.score === all[first]?.score && end < all.length) end++;
    const meanRank = (first + end + 1) / 2;
    rankSum += meanRank * all.slice(first, end).filter((entry) => entry.isPositive).length;
    first = end;
  }
  const pairs = positives.length * negatives.length;
  return pairs === 0 ? 0 : (rankSum - (positives.length * (positives.length + 1)) / 2) / pairs;
}

function normalise(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim();
}
