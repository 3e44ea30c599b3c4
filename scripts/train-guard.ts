// Trains the guard's classifier from eval/guard/*.jsonl, prints five-fold results and writes the weights.
// Run: node scripts/train-guard.ts   (the same data gives the same file)
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parse } from 'yaml';

import {
  crossValidateGuard,
  guardTraining,
  toTrainingExamples,
} from '../src/server/guard/cross-validate-guard.ts';
import { parseGuardLines } from '../src/server/guard/evaluate-guard.ts';
import { encodeGuardWeights } from '../src/server/guard/guard-classifier.ts';
import { guardPolicySchema } from '../src/server/guard/guard-policy.ts';
import { trainGuardClassifier } from '../src/server/guard/train-guard-classifier.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'eval/guard');
const messages = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl') && !name.startsWith('passages'))
  .sort()
  .flatMap((name) => parseGuardLines(readFileSync(join(folder, name), 'utf8')));
const policy = guardPolicySchema.parse(parse(readFileSync(join(root, 'personas/herman/guard.yaml'), 'utf8')));

const { evaluation, predictions } = crossValidateGuard(messages, policy);
console.table(evaluation);
if (process.argv.includes('--errors')) {
  const expected: Record<string, string> = { crisis: 'support', harmful: 'refuse', disclaimer: 'disclaim' };
  for (const { message, action } of predictions) {
    const isWrong = message.label === 'safe' ? action !== 'allow' : action !== expected[message.label];
    if (isWrong) console.log(`${message.label} -> ${action} [${message.family ?? ''}] ${message.text}`);
  }
}

const weights = encodeGuardWeights(trainGuardClassifier(toTrainingExamples(messages), guardTraining));
const file = join(root, 'src/server/guard/data/guard-weights.ts');
writeFileSync(
  file,
  [
    '/** Made by scripts/train-guard.ts from eval/guard; do not edit. */',
    'export const guardWeights = {',
    `  bytes: '${weights.bytes}',`,
    `  scales: [${weights.scales.join(', ')}],`,
    `  bias: [${weights.bias.join(', ')}],`,
    '};',
    '',
  ].join('\n'),
);
console.log(
  `${messages.length} messages, ${Math.round(weights.bytes.length / 1024)} KB of weights in ${file}`,
);
