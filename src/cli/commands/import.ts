import { type Command, InvalidArgumentError } from 'commander';

import type { CommandContext } from '../command-context.ts';
import type { ImportOptions } from '../import/run-import.ts';

/** `wwhd import`: a folder of files, or of an export, into a running server. */
export function addImportCommand(program: Command, context: CommandContext): void {
  program
    .command('import')
    .description('upload a folder of documents (PDF, DOCX, HTML, Markdown, TXT, SRT, VTT, CSV) to a server')
    .option('--pdf-folder <folder>', 'folder with the files, of any supported format')
    .option('--from <folder>', 'folder that "wwhd export" wrote, or the knowledge folder of a persona pack')
    .option(
      '--metadata-file <file>',
      'JSON: {"videos": [{"filename", "title", "youtube_url", "author", ...}]}',
    )
    .option('--namespace <name>', 'namespace that takes the documents', 'general')
    .option('--api-url <address>', 'server (WWHD_API_URL); else the one on this machine')
    .option('--api-token <token>', 'token or API key of a curator; safer in WWHD_API_TOKEN')
    .option('--parallel <number>', 'uploads at the same time, 1 to 16', readParallel, 4)
    .option('--dry-run', 'only list what would happen')
    .option('--no-wait', 'do not wait until the documents are indexed')
    .addHelpText(
      'after',
      '\nRun it again after an interruption: files that are there already are skipped.\nExit code 0: all well, 1: something failed, 2: wrong usage.\n\nExample:\n  wwhd import --pdf-folder ./talks --metadata-file talks.json --namespace meditation --api-url http://localhost:8000\n  wwhd import --from ./backup',
    )
    .action(async (options: ImportOptions) => {
      const { runImport } = await import('../import/run-import.ts');
      context.exitWith(await runImport(context, options));
    });
}

function readParallel(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 16)
    throw new InvalidArgumentError('Give a whole number from 1 to 16.');
  return number;
}
