import { type Command, Option } from 'commander';

import type { CommandContext } from '../command-context.ts';

const KINDS = {
  retrieval: 'ranking quality on a folder with corpus.jsonl, queries.jsonl and qrels/test.tsv',
  routing: 'accuracy on a JSONL file: {text, label} with --train, {text, namespace} with --persona',
  answers: 'extractive answers and abstention on a folder with paragraphs.jsonl and questions.jsonl',
  guard: 'actions of the guard on a JSONL file of {text, label}',
  injection: 'the filter for injected instructions on a JSONL file of {text, label}',
  golden: 'the golden questions of a persona',
} as const;

export type EvaluationKind = keyof typeof KINDS;

export type EvaluationOptions = {
  dataset: string;
  train?: string;
  persona?: string;
  predictions?: string;
  json?: true;
};

/** `wwhd eval`: measures one part of the product on labelled data, through the product's own code. */
export function addEvalCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('eval')
    .description('measure a part of the product on labelled data')
    .addHelpText(
      'after',
      '\nExample:\n  wwhd eval routing --dataset questions.jsonl --persona herman --json',
    );
  for (const [kind, description] of Object.entries(KINDS) as [EvaluationKind, string][]) {
    const one = command
      .command(kind)
      .description(description)
      .requiredOption('--dataset <path>', 'file or folder with the labelled data')
      .option('--json', 'print one JSON object')
      .addHelpText('after', `\nExample:\n  wwhd eval ${kind} --dataset ./data --json`)
      .action(async (options: EvaluationOptions) => {
        const { runEvaluation } = await import('../run-evaluation.ts');
        await runEvaluation(context, { kind, options });
      });
    if (kind === 'routing')
      one.addOption(new Option('--train <path>', 'labelled data to train on').conflicts('persona'));
    if (kind !== 'retrieval' && kind !== 'answers') one.option('--persona <id>', 'persona pack to measure');
    if (kind === 'guard' || kind === 'injection')
      one.option('--predictions <file>', 'write each text with its label and the action taken');
  }
}
