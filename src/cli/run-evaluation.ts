import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { type CommandContext, usageMistake } from './command-context.ts';
import type { EvaluationKind, EvaluationOptions } from './commands/eval.ts';
import type { JudgedMessage } from './evaluation/evaluate-filters.ts';
import { formatTable } from './terminal.ts';

type Evaluation = { figures: object; predictions?: JudgedMessage[] };

/**
 * Measures one part of the product on labelled data and prints its figures as a table or one JSON object.
 * @throws CommandFailure (usage) when the data set is absent
 */
export async function runEvaluation(
  context: CommandContext,
  evaluation: { kind: EvaluationKind; options: EvaluationOptions },
): Promise<void> {
  const { terminal, folder } = context;
  const { kind, options } = evaluation;
  const dataset = resolve(folder, options.dataset);
  if (!existsSync(dataset)) throw usageMistake(`--dataset: there is no ${dataset}.`);
  const { figures, predictions } = await evaluators[kind]({ context, dataset, options });
  if (options.predictions !== undefined && predictions !== undefined) {
    const lines = predictions.map(({ message, action }) => JSON.stringify({ ...message, action }));
    await writeFile(resolve(folder, options.predictions), `${lines.join('\n')}\n`);
  }
  terminal.write(options.json === true ? `${JSON.stringify(figures)}\n` : `${formatFigures(figures)}\n`);
}

type Evaluate = (input: {
  context: CommandContext;
  dataset: string;
  options: EvaluationOptions;
}) => Promise<Evaluation>;

const evaluators: Record<EvaluationKind, Evaluate> = {
  retrieval: async ({ dataset }) => {
    const { evaluateRetrieval } = await import('../server/retrieval/evaluate-retrieval.ts');
    return { figures: await evaluateRetrieval(dataset) };
  },
  routing: async ({ context, dataset, options }) => {
    const routing = await import('../server/pipeline/routing/evaluate-routing.ts');
    if (options.persona === undefined) {
      const train = options.train === undefined ? {} : { trainPath: resolve(context.folder, options.train) };
      return { figures: await routing.evaluateRouting({ datasetPath: dataset, ...train }) };
    }
    const { openPack } = await import('./evaluation/open-pack.ts');
    const { openLibrary } = await import('./evaluation/open-library.ts');
    const pack = openPack(context, options.persona);
    const library = await openLibrary(pack);
    return {
      figures: await routing.evaluatePersonaRouting({
        datasetPath: dataset,
        router: library.router,
        specialists: pack.persona.specialists,
        findEvidence: async (text) => (await library.find(text)).retrieval.passages,
      }),
    };
  },
  answers: async ({ dataset }) => {
    const { evaluateAnswers } = await import('../server/pipeline/evaluate-answers.ts');
    return { figures: await evaluateAnswers(dataset) };
  },
  guard: async ({ context, dataset, options }) => {
    const { evaluateGuardFile } = await import('./evaluation/evaluate-filters.ts');
    const { openPack } = await import('./evaluation/open-pack.ts');
    return evaluateGuardFile(dataset, openPack(context, options.persona).persona.guard);
  },
  injection: async ({ dataset }) => {
    const { evaluateInjectionFile } = await import('./evaluation/evaluate-filters.ts');
    return evaluateInjectionFile(dataset);
  },
  golden: async ({ context, dataset, options }) => {
    const { evaluateGolden } = await import('./evaluation/evaluate-golden.ts');
    const { connect } = await import('./connection.ts');
    const { client, close } = await connect(context, {});
    try {
      return { figures: await evaluateGolden({ client, path: dataset, persona: options.persona }) };
    } finally {
      await close();
    }
  },
};

/** Plain figures as two columns; figures by label as one row a label. */
function formatFigures(figures: object): string {
  const entries = Object.entries(figures) as [string, unknown][];
  const plain = entries.filter(([, value]) => typeof value !== 'object' || value === null);
  const rows = entries.flatMap(([name, value]): [string, object][] => {
    if (typeof value !== 'object' || value === null) return [];
    return Array.isArray(value)
      ? value.map((one: object, index) => [`${name} ${index + 1}`, one])
      : [[name, value]];
  });
  const head = rows[0] === undefined ? [] : [['', ...Object.keys(rows[0][1])]];
  const tables = [
    formatTable(plain.map(([name, value]) => [name, formatValue(value)])),
    formatTable([...head, ...rows.map(([name, row]) => [name, ...Object.values(row).map(formatValue)])]),
  ];
  return tables.filter((table) => table !== '').join('\n\n');
}

function formatValue(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(4);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
