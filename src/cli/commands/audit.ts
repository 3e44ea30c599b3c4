import { type Command, Option } from 'commander';

import type { CommandContext } from '../command-context.ts';
import { auditActions } from '../../shared/audit.ts';

/** `wwhd audit`: the record of who did what, in the database of this machine's configuration. */
export function addAuditCommand(program: Command, context: CommandContext): void {
  const audit = program
    .command('audit')
    .description('read and check the audit log of the local database')
    .addHelpText('after', '\nExample:\n  wwhd audit verify');
  audit
    .command('verify')
    .description('check that no entry was changed, added or removed; exits with 1 when one was')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExample:\n  wwhd audit verify --json')
    .action(async (options: { json?: true }) =>
      (await import('../run-audit.ts')).runAuditVerify(context, { isJson: options.json === true }),
    );
  audit
    .command('list')
    .description('print the newest entries')
    .option('--limit <count>', 'how many', '50')
    .option('--before <id>', 'only entries older than this one')
    .addOption(new Option('--action <action>', 'only this action').choices(auditActions))
    .option('--json', 'print them as a JSON list')
    .addHelpText('after', '\nExample:\n  wwhd audit list --action sign-in --limit 20')
    .action(async (options: { limit: string; before?: string; action?: string; json?: true }) =>
      (await import('../run-audit.ts')).runAuditList(context, options),
    );
}
