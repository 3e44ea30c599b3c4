import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { installationFolder } from '../server/installation.ts';
import { type CommandContext, usageMistake } from './command-context.ts';
import type { EvaluationKind, EvaluationOptions } from './commands/eval.ts';
import { comparePredictions } from './evaluation/compare-predictions.ts';
import { evaluators, type Prediction } from './evaluation/evaluators.ts';
import { formatFigures } from './evaluation/format-figures.ts';

const DEFAULT_PERSONA = 'herman';

/**
 * Measures one part of the product on labelled data and prints its figures as a table or one JSON object.
 * @throws CommandFailure (usage) when the data set is absent, AppError invalid_field naming a broken line
 */
export async function runEvaluation(
  context: CommandContext,
  evaluation: { kind: EvaluationKind; options: EvaluationOptions },
): Promise<void> {
  const { folder } = context;
  const { kind } = evaluation;
  const options = withOwnData(evaluation);
  const dataset =
    options.dataset === undefined ? ownDataset(kind, options) : resolve(folder, options.dataset);
  if (!existsSync(dataset)) throw usageMistake(`--dataset: there is no ${dataset}.`);
  const items: Prediction[] = [];
  const figures = await evaluators[kind]({
    context,
    dataset,
    options,
    onItem: (item) => {
      items.push(item);
    },
  });
  const written = options.predictions === undefined ? undefined : resolve(folder, options.predictions);
  const lines = `${items.map((item) => JSON.stringify(item)).join('\n')}\n`;
  if (written !== undefined) await writeFile(written, lines);
  if (options.compare === undefined) return show(context, figures, options.json === true);
  const earlier = resolve(folder, options.compare);
  const comparison = await comparePredictions(earlier, { name: 'this run', items });
  show(context, { ...figures, comparison }, options.json === true);
}

/** Prints how two files of predictions differ. @throws CommandFailure (usage), AppError invalid_field */
export async function runComparison(
  context: CommandContext,
  files: { a: string; b: string; isJson: boolean },
): Promise<void> {
  const { readPredictions } = await import('./evaluation/compare-predictions.ts');
  const path = resolve(context.folder, files.b);
  const later = { name: path, items: await readPredictions(path) };
  show(context, await comparePredictions(resolve(context.folder, files.a), later), files.isJson);
}

function show({ terminal }: CommandContext, figures: object, isJson: boolean): void {
  terminal.write(`${isJson ? JSON.stringify(figures) : formatFigures(figures)}\n`);
}

/** Our own data of a persona is measured with that persona. */
function withOwnData({
  kind,
  options,
}: {
  kind: EvaluationKind;
  options: EvaluationOptions;
}): EvaluationOptions {
  const isOfPersona = kind === 'routing' && options.dataset === undefined;
  return isOfPersona ? { ...options, persona: options.persona ?? DEFAULT_PERSONA } : options;
}

/** Our own data in eval/; of the persona where it has some. */
function ownDataset(kind: EvaluationKind, { persona = DEFAULT_PERSONA }: EvaluationOptions): string {
  const names: Partial<Record<EvaluationKind, string>> = {
    routing: `routing/${persona}.jsonl`,
    golden: `golden/${persona}.jsonl`,
    guard: 'guard',
    citations: 'citations/pairs.jsonl',
    'follow-ups': 'follow-ups/cases.jsonl',
  };
  return join(installationFolder, 'eval', names[kind] ?? kind);
}
