import { readFileSync, writeFileSync } from 'node:fs';

import {
  type AnswerDataset,
  type AnswerQuestion,
  areaUnderCurve,
  holdsAnswer,
  openAnswerDataset,
} from '../src/server/pipeline/evaluate-answers.ts';
import { conflictFeatures } from '../src/server/pipeline/evidence/conflict-features.ts';
import { bestSentence, evidenceFeatures } from '../src/server/pipeline/evidence/evidence-features.ts';
import type { Evidence } from '../src/server/pipeline/evidence/read-evidence.ts';
import { sentenceWeights } from '../src/server/pipeline/evidence/sentence-weights.ts';

/**
 * Fits the weights of sentence selection and of the evidence gate on half of a labelled folder (see
 * evaluate-answers.ts), prints the figures of the other half, and with --write puts the weights into
 * src/server/pipeline/evidence/*-weights.ts. Full-batch Adam from zero on a fixed split, so a second run gives the same.
 * Run: node scripts/fit-evidence.ts <folder> [--write]
 */
type Row = { question: AnswerQuestion; evidence: Evidence; isTraining: boolean };
type Weights = Record<string, number>;

/** Encyclopedia paragraphs hardly show these; they keep the values that were set by reading other answers. */
const frozen = new Set(['titleGain', 'defines', 'conditional', 'announces']);
const abstainedShare = 0.955;

const [folder = '', flag] = process.argv.slice(2);
if (folder === '') {
  console.error('Give the folder with paragraphs.jsonl and questions.jsonl.');
  process.exit(2);
}

/** FNV-1a of the question's id decides its half. */
function isTrainingId(id: string): boolean {
  let hash = 2166136261;
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  return (hash >>> 16) % 2 === 0;
}

function readRows(dataset: AnswerDataset): Row[] {
  return dataset.questions.map((question) => ({
    question,
    evidence: dataset.readQuestion(question.question),
    isTraining: isTrainingId(question.id),
  }));
}

/** Adam (Kingma and Ba 2015) on the negative gradient that `gradientOf` fills in; returns the weights. */
function climb(
  size: number,
  options: {
    steps: number;
    rate: number;
    decay: number;
    gradientOf: (weights: Float64Array, gradient: Float64Array) => void;
    isFixed?: (index: number) => boolean;
    start?: Float64Array;
  },
): Float64Array {
  const weights = options.start ?? new Float64Array(size);
  const [mean, square] = [new Float64Array(size), new Float64Array(size)];
  for (let step = 1; step <= options.steps; step++) {
    const gradient = new Float64Array(size);
    options.gradientOf(weights, gradient);
    for (let index = 0; index < size; index++) {
      if (options.isFixed?.(index) === true) continue;
      const slope = (gradient[index] ?? 0) - options.decay * (weights[index] ?? 0);
      mean[index] = 0.9 * (mean[index] ?? 0) + 0.1 * slope;
      square[index] = 0.999 * (square[index] ?? 0) + 0.001 * slope * slope;
      const move =
        (mean[index] ?? 0) /
        (1 - 0.9 ** step) /
        (Math.sqrt((square[index] ?? 0) / (1 - 0.999 ** step)) + 1e-8);
      weights[index] = (weights[index] ?? 0) + options.rate * move;
    }
  }
  return weights;
}

function dot(weights: Float64Array, values: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += (weights[index] ?? 0) * (values[index] ?? 0);
  return sum;
}

/** Softmax over the sentences of a question; every sentence of the right paragraph with a gold answer is right. */
function fitSentences(dataset: AnswerDataset, rows: Row[]): Weights {
  const names = Object.keys(sentenceWeights) as (keyof typeof sentenceWeights)[];
  const cases = rows
    .filter((row) => row.isTraining && row.question.kind === 'answerable')
    .map(({ question, evidence }) => {
      const sentences = evidence.sentences.filter((sentence) => Number.isFinite(sentence.score));
      return {
        values: sentences.map((sentence) => names.map((name) => sentence.features[name])),
        isRight: sentences.map((sentence) => {
          const passage = evidence.passages[sentence.passageIndex];
          const isThere = passage !== undefined && dataset.paragraphOf(passage) === question.paragraph;
          return isThere && holdsAnswer(sentence.text, question.answers);
        }),
      };
    })
    .filter(({ isRight }) => isRight.includes(true));
  const weights = climb(names.length, {
    steps: 200,
    rate: 0.2,
    decay: 0.0005,
    start: Float64Array.from(names, (name) => (frozen.has(name) ? sentenceWeights[name] : 0)),
    isFixed: (index) => frozen.has(names[index] ?? ''),
    gradientOf: (current, gradient) => {
      for (const { values, isRight } of cases) {
        const scores = values.map((value) => dot(current, value));
        const highest = Math.max(...scores);
        const masses = scores.map((score) => Math.exp(score - highest));
        const total = masses.reduce((sum, mass) => sum + mass, 0);
        const right = masses.reduce((sum, mass, index) => sum + (isRight[index] === true ? mass : 0), 0);
        for (const [index, value] of values.entries()) {
          const mass = masses[index] ?? 0;
          const pull = (isRight[index] === true ? mass / right : 0) - mass / total;
          for (let name = 0; name < names.length; name++)
            gradient[name] = (gradient[name] ?? 0) + (pull * (value[name] ?? 0)) / cases.length;
        }
      }
    },
  });
  return Object.fromEntries(names.map((name, index) => [name, round(weights[index] ?? 0)]));
}

/** Logistic regression of one kind of question against another. */
function fitGate(
  rows: Row[],
  against: AnswerQuestion['kind'],
  featuresOf: (evidence: Evidence) => Weights | undefined,
) {
  const cases = rows
    .filter(({ question }) => question.kind === 'answerable' || question.kind === against)
    .map((row) => ({
      ...row,
      features: featuresOf(row.evidence),
      isRight: row.question.kind === 'answerable',
    }))
    .filter((row) => row.features !== undefined);
  const names = Object.keys(cases[0]?.features ?? {});
  const valued = cases.map((row) => ({
    ...row,
    values: [...names.map((name) => row.features?.[name] ?? 0), 1],
  }));
  const training = valued.filter((row) => row.isTraining);
  const weights = climb(names.length + 1, {
    steps: 400,
    rate: 0.15,
    decay: 0.001,
    gradientOf: (current, gradient) => {
      for (const { values, isRight } of training) {
        const error = (isRight ? 1 : 0) - sigmoid(dot(current, values));
        for (const [index, value] of values.entries())
          gradient[index] = (gradient[index] ?? 0) + (error * value) / training.length;
      }
    },
  });
  const scored = (isTraining: boolean, isRight: boolean) =>
    valued
      .filter((row) => row.isTraining === isTraining && row.isRight === isRight)
      .map((row) => sigmoid(dot(weights, row.values)));
  const wrong = scored(true, false).sort((left, right) => left - right);
  const threshold = wrong[Math.floor(wrong.length * abstainedShare)] ?? 1;
  const held = { right: scored(false, true), wrong: scored(false, false) };
  console.log(`answerable against ${against}, other half:`, {
    auroc: areaUnderCurve(held.right, held.wrong),
    threshold,
    answered: held.right.filter((score) => score >= threshold).length / held.right.length,
    abstained: held.wrong.filter((score) => score < threshold).length / held.wrong.length,
  });
  return Object.fromEntries([...names, 'bias'].map((name, index) => [name, round(weights[index] ?? 0)]));
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Replaces the numbers of one exported table of weights. */
function writeWeights(file: string, table: string, weights: Weights): void {
  const path = `src/server/pipeline/evidence/${file}`;
  const [before = '', rest = ''] = readFileSync(path, 'utf8').split(
    new RegExp(`(?<=export const ${table}\\b[^=]*= \\{\\n)`, 'u'),
  );
  const end = rest.indexOf('};');
  const lines = Object.entries(weights).map(([name, value]) => `  ${name}: ${value},\n`);
  writeFileSync(path, before + lines.join('') + rest.slice(end));
}

const dataset = await openAnswerDataset(folder);
const sentences = fitSentences(dataset, readRows(dataset));
Object.assign(sentenceWeights, sentences);
const rows = readRows(dataset);
const held = rows.filter((row) => !row.isTraining && row.question.kind === 'answerable');
const inFirst = held.filter(({ question, evidence }) =>
  holdsAnswer(bestSentence(evidence)?.text ?? '', question.answers),
);
console.log('gold answer in the first sentence, other half:', inFirst.length / held.length);
const presence = fitGate(rows, 'absent', (evidence) => {
  const best = bestSentence(evidence);
  return best && { ...evidenceFeatures(evidence, best) };
});
const answerability = fitGate(rows, 'near-miss', (evidence) => {
  const best = bestSentence(evidence);
  return best && { ...evidenceFeatures(evidence, best), ...conflictFeatures(evidence, best) };
});
console.log({ sentences, presence, answerability });
if (flag === '--write') {
  writeWeights('sentence-weights.ts', 'sentenceWeights', sentences);
  writeWeights('evidence-weights.ts', 'presenceWeights', presence);
  writeWeights('evidence-weights.ts', 'answerWeights', answerability);
}
