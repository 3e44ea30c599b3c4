import type { Command } from 'commander';

import { type CommandContext, usageMistake } from '../command-context.ts';

type Options = { persona?: string; namespace?: string; apiUrl?: string; apiToken?: string; json?: true };

/** `wwhd ask`: one question, answered in the terminal. */
export function addAskCommand(program: Command, context: CommandContext): void {
  program
    .command('ask')
    .description('ask a persona and print the answer with its sources')
    .argument('<question...>', 'the question')
    .option('--persona <id>', 'who answers; else the default persona')
    .option('--namespace <name>', 'answer from one namespace only')
    .option('--api-url <address>', 'server to ask (WWHD_API_URL); else the one on this machine, or none')
    .option('--api-token <token>', 'token or API key of the server (WWHD_API_TOKEN)')
    .option('--json', 'print the answer as a JSON message')
    .addHelpText(
      'after',
      '\nWithout a running server the question is answered in this process.\n\nExample:\n  wwhd ask "How do I begin to meditate?" --persona herman',
    )
    .action(async (words: string[], options: Options) => {
      const question = words.join(' ').trim();
      if (question === '') throw usageMistake('The question is empty. Example: wwhd ask "How do I begin?"');
      const [{ connect }, { runAsk }] = await Promise.all([
        import('../connection.ts'),
        import('../ask/run-ask.ts'),
      ]);
      const connection = await connect(context, { apiUrl: options.apiUrl, apiToken: options.apiToken });
      try {
        context.exitWith(
          await runAsk({
            client: connection.client,
            terminal: context.terminal,
            question: { content: question, persona: options.persona, namespace: options.namespace },
            isJson: options.json === true,
            onInterrupt: listenForInterrupt,
          }),
        );
      } finally {
        await connection.close();
      }
    });
}

function listenForInterrupt(listener: () => void): () => void {
  process.on('SIGINT', listener);
  return () => process.off('SIGINT', listener);
}
