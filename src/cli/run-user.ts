import { type OpenedDatabase, openDatabase } from '../server/database/open-database.ts';
import { createUsers, type Users } from '../server/features/accounts/manage-users.ts';
import { presentUser } from '../server/features/accounts/present-user.ts';
import { removeSecondFactor } from '../server/features/accounts/second-factor/manage-second-factor.ts';
import { type Account, registerSchema } from '../shared/accounts.ts';
import type { AuditAction } from '../shared/audit.ts';
import { withAudit } from './run-audit.ts';
import { type CommandContext, readConfig, usageMistake } from './command-context.ts';
import { readPassword } from './read-password.ts';
import { formatTable } from './terminal.ts';

/** What `wwhd user create` and `ensure` are given. */
export type UserWrite = {
  isEnsuring: boolean;
  username: string;
  email: string;
  name?: string;
  role: 'user' | 'curator' | 'admin';
  passwordStdin?: true;
};

/**
 * Creates an account, or with `isEnsuring` brings an existing one to this role and password.
 * @throws CommandFailure (usage) for a bad name, address or password; AppError `conflict` when they are taken
 */
export async function runUserWrite(context: CommandContext, write: UserWrite): Promise<void> {
  const { terminal, stdin } = context;
  const password = await readPassword({
    stdin,
    isPiped: write.passwordStdin === true,
    ask: (text) => void process.stderr.write(text),
  });
  const result = registerSchema.safeParse({ ...write, password });
  if (!result.success) {
    throw usageMistake(
      result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'),
    );
  }
  const { username, email } = result.data;
  const input = { username, email, password, role: write.role, name: write.name ?? null };
  const written = await withUsers(context, async (users) => {
    if (!write.isEnsuring) {
      const user = await users.createUser(input);
      terminal.say(`Created ${user.username} (${user.role}).`);
      return { action: 'account-create' as const, userId: user.id };
    }
    const { user, isNew } = await users.ensureUser(input);
    terminal.say(`${isNew ? 'Created' : 'Updated'} ${user.username} (${user.role}).`);
    return { action: isNew ? ('account-create' as const) : ('account-change' as const), userId: user.id };
  });
  await recordChange(context, written);
}

/** Prints all accounts but guests, as a table or a JSON list. */
export async function runUserList(context: CommandContext, options: { isJson: boolean }): Promise<void> {
  const { terminal } = context;
  const accounts = await withUsers(context, async (users) => (await users.listUsers()).map(presentUser));
  if (options.isJson) terminal.write(`${JSON.stringify(accounts, null, 2)}\n`);
  else if (accounts.length === 0) terminal.say('There is no account yet. Make one with: wwhd user create');
  else
    terminal.write(
      `${formatTable([['Id', 'Username', 'Email', 'Role', 'State', 'Created'], ...accounts.map(rowOf)])}\n`,
    );
}

/** Lets an account in or locks it out; its tokens end at once. @throws AppError `not_found`, `conflict` for the last admin */
export async function runUserActivation(
  context: CommandContext,
  options: { username: string; isActive: boolean },
): Promise<void> {
  const user = await withUsers(context, (users) => users.setUserActive(options.username, options.isActive));
  await recordChange(context, {
    action: options.isActive ? 'account-enable' : 'account-disable',
    userId: user.id,
  });
  context.terminal.say(`${user.username} is ${options.isActive ? 'enabled' : 'disabled'}.`);
}

/** Takes the second factor from an account whose owner lost the device. @throws AppError `not_found` */
export async function runSecondFactorRemoval(
  context: CommandContext,
  options: { username: string },
): Promise<void> {
  const { username } = options;
  const wasOn = await withUsers(context, async (users, database) => {
    const { id: userId } = await users.getUser(username);
    const isRemoved = await removeSecondFactor(database, userId);
    return isRemoved ? { userId } : undefined;
  });
  if (wasOn) await recordChange(context, { action: 'second-factor-remove', userId: wasOn.userId });
  context.terminal.say(
    wasOn ? `${username} signs in without a second factor now.` : `${username} has no second factor.`,
  );
}

async function recordChange(
  context: CommandContext,
  change: { action: AuditAction; userId: number },
): Promise<void> {
  const object = { type: 'user', id: change.userId };
  await withAudit(context, (audit) =>
    audit.record({ userId: null, action: change.action, outcome: 'done', object }),
  );
}

async function withUsers<Result>(
  context: CommandContext,
  act: (users: Users, database: OpenedDatabase['database']) => Promise<Result>,
): Promise<Result> {
  const { now } = context;
  const opened = await openDatabase({ path: readConfig(context).data.databasePath, isServer: false, now });
  try {
    return await act(createUsers({ database: opened.database, now }), opened.database);
  } finally {
    await opened.close();
  }
}

function rowOf(account: Account): string[] {
  const state = account.is_active ? 'active' : 'disabled';
  return [String(account.id), account.username, account.email ?? '', account.role, state, account.created_at];
}
