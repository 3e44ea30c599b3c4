import { randomBytes } from 'node:crypto';

import { openDatabase } from '../server/database/open-database.ts';
import { loadSigningKeys } from '../server/features/accounts/keys/key-file.ts';
import { deriveAuditKeys } from '../server/features/audit/audit-chain.ts';
import { type AuditLog, createAuditLog } from '../server/features/audit/create-audit-log.ts';
import { auditActionSchema, type AuditEntry } from '../shared/audit.ts';
import { type CommandContext, exitCodes, readConfig, usageMistake } from './command-context.ts';
import { formatTable } from './terminal.ts';

const MAXIMUM_LIMIT = 1_000;

/** Runs something with the audit log of this machine's configuration; works while the server runs. */
export async function withAudit<Result>(
  context: CommandContext,
  act: (audit: AuditLog) => Promise<Result>,
): Promise<Result> {
  const { now } = context;
  const { data, security } = readConfig(context);
  const keys = loadSigningKeys({ security, dataFolder: data.folder, randomBytes, now });
  const opened = await openDatabase({ path: data.databasePath, isServer: false, now });
  try {
    return await act(createAuditLog({ database: opened.database, keys: deriveAuditKeys(keys), now }));
  } finally {
    await opened.close();
  }
}

/** Checks the chain and says what does not fit; the exit code is 1 then. */
export async function runAuditVerify(context: CommandContext, options: { isJson: boolean }): Promise<void> {
  const { terminal, exitWith } = context;
  const report = await withAudit(context, (audit) => audit.verify());
  if (!report.isIntact) exitWith(exitCodes.failed);
  if (options.isJson) {
    terminal.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const span = report.firstId === null ? 'no entries' : `entries ${report.firstId} to ${report.lastId}`;
  if (report.isIntact) terminal.say(`The audit log is intact: ${span}.`);
  else terminal.say(terminal.red(`The audit log is not intact (${span}):\n${report.problems.join('\n')}`));
}

/** Prints entries, newest first. @throws CommandFailure (usage) for a number or action that is not one */
export async function runAuditList(
  context: CommandContext,
  options: { limit: string; before?: string; action?: string; json?: true },
): Promise<void> {
  const { terminal } = context;
  const limit = readCount(options.limit, '--limit');
  const before = options.before === undefined ? undefined : readCount(options.before, '--before');
  const action = options.action === undefined ? undefined : auditActionSchema.parse(options.action);
  const { entries } = await withAudit(context, (audit) =>
    audit.list({
      limit: Math.min(limit, MAXIMUM_LIMIT),
      ...(before === undefined ? {} : { before }),
      ...(action === undefined ? {} : { action }),
    }),
  );
  if (options.json) terminal.write(`${JSON.stringify(entries, null, 2)}\n`);
  else if (entries.length === 0) terminal.say('There are no entries.');
  else
    terminal.write(
      `${formatTable([['Id', 'Time', 'User', 'Action', 'Object', 'From', 'Outcome'], ...entries.map(rowOf)])}\n`,
    );
}

function readCount(text: string, name: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usageMistake(`${name}: give a whole number from 1.`);
  return Number(text);
}

function rowOf(entry: AuditEntry): string[] {
  const object = [entry.object_type, entry.object_id].filter((part) => part !== null).join(' ');
  const user = entry.user_id === null ? '-' : String(entry.user_id);
  return [
    String(entry.id),
    entry.created_at,
    user,
    entry.action,
    object || '-',
    entry.address ?? '-',
    entry.outcome,
  ];
}
