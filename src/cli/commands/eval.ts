import type { Command } from 'commander';

import type { CommandContext } from '../command-context.ts';

const KINDS = {
  retrieval: 'ranking quality on a folder with corpus.jsonl, queries.jsonl and qrels/test.tsv',
  routing: 'accuracy on a JSONL file: {text, label}, or with --persona {text, namespace}',
  answers: 'extractive answers and abstention on a folder with paragraphs.jsonl and questions.jsonl',
  guard: 'actions of the guard on a JSONL file of {text, label}',
  injection: 'the filter for injected instructions on a JSONL file of {text, label}',
  citations: 'the check of citations on a JSONL file of {passage, sentence, kind}',
  'follow-ups': 'messages of a chat on a JSONL file of {chat, message, follow_up, files}',
  golden: 'the golden questions of a persona, answered by the whole server',
} as const;

export type EvaluationKind = keyof typeof KINDS;

export type EvaluationOptions = {
  dataset?: string;
  train?: string;
  persona?: string;
  predictions?: string;
  compare?: string;
  embedding?: true;
  json?: true;
};

/** Kinds that have data of their own in this repository, which is measured without --dataset. */
const OWN_DATA = new Set<EvaluationKind>(['routing', 'guard', 'citations', 'follow-ups', 'golden']);
const WITH_PERSONA = new Set<EvaluationKind>(['routing', 'guard', 'follow-ups', 'golden']);
const WITH_EMBEDDING = new Set<EvaluationKind>(['retrieval', 'routing', 'follow-ups']);

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
    const one = command.command(kind).description(description);
    if (OWN_DATA.has(kind)) one.option('--dataset <path>', 'labelled data; our own in eval/ without it');
    else one.requiredOption('--dataset <path>', 'file or folder with the labelled data');
    if (kind === 'routing') one.option('--train <path>', 'labelled data to train on; five folds without it');
    if (WITH_PERSONA.has(kind)) one.option('--persona <id>', 'persona pack to measure');
    if (WITH_EMBEDDING.has(kind)) one.option('--embedding', 'search by meaning too, with MODEL_EMBED');
    one
      .option('--predictions <file>', 'write one JSON line an item, with its score')
      .option('--compare <file>', 'compare with an earlier file of predictions')
      .option('--json', 'print one JSON object')
      .addHelpText('after', `\nExample:\n  wwhd eval ${kind} --dataset ./data --json`)
      .action(async (options: EvaluationOptions) => {
        const { runEvaluation } = await import('../run-evaluation.ts');
        await runEvaluation(context, { kind, options });
      });
  }
  command
    .command('compare <a> <b>')
    .description('the difference of two files of predictions, with a paired bootstrap interval')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  wwhd eval compare before.jsonl after.jsonl')
    .action(async (a: string, b: string, options: { json?: true }) => {
      const { runComparison } = await import('../run-evaluation.ts');
      await runComparison(context, { a, b, isJson: options.json === true });
    });
}
