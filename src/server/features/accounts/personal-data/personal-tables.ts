import type { Tables } from '../../../database/tables.ts';

/** How the rows of a table lead to a user: by one of these columns, through their chat, or through their message. */
export type Path = { by: readonly string[] } | { through: 'chats' | 'messages'; column: string };
export type PersonalTable = { path: Path; hidden?: readonly string[] };

/**
 * Every table that says something about a user, and how its rows lead there; `hidden` columns are hashes and secrets,
 * of which nobody gets a copy. A test compares this with the schema, so that a new table is not forgotten.
 */
export const personalTables = {
  refreshTokens: { path: { by: ['userId'] }, hidden: ['tokenHash'] },
  apiKeys: { path: { by: ['userId'] }, hidden: ['keyHash'] },
  invitations: { path: { by: ['createdBy', 'usedBy'] }, hidden: ['tokenHash'] },
  mailTokens: { path: { by: ['userId'] }, hidden: ['tokenHash'] },
  secondFactors: { path: { by: ['userId'] }, hidden: ['secret'] },
  recoveryCodes: { path: { by: ['userId'] }, hidden: ['codeHash'] },
  externalIdentities: { path: { by: ['userId'] } },
  idempotencyKeys: { path: { by: ['userId'] } },
  memories: { path: { by: ['userId'] } },
  memoryConsents: { path: { by: ['userId'] } },
  chats: { path: { by: ['userId'] } },
  messages: { path: { through: 'chats', column: 'chatId' } },
  turns: { path: { by: ['userId'] } },
  turnEvents: { path: { through: 'messages', column: 'turnId' } },
  receipts: { path: { through: 'messages', column: 'turnId' } },
  citations: { path: { through: 'messages', column: 'messageId' } },
  feedback: { path: { by: ['userId'] } },
  tokenUsage: { path: { by: ['userId'] } },
  unansweredQuestions: { path: { through: 'messages', column: 'messageId' } },
  documents: { path: { by: ['uploadedBy'] } },
  jobs: { path: { by: ['createdBy'] } },
  auditLog: { path: { by: ['userId'] } },
} as const satisfies Partial<Record<keyof Tables, PersonalTable>>;
