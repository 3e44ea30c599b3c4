import type { ColumnType, Generated } from 'kysely';

import type { GuardAction, MessageStatus } from '../../shared/messages.ts';
import type { AuditCheckpointsTable, AuditLogTable } from './audit-tables.ts';

/**
 * The schema as queries see it: camelCase here, snake_case in the database. Times are UTC ISO 8601 text, flags 0 or 1,
 * JSON is text, money is micro-dollars, bytes are blobs; both dialects hold the same values.
 */
export type Tables = {
  users: UsersTable;
  refreshTokens: RefreshTokensTable;
  apiKeys: ApiKeysTable;
  invitations: InvitationsTable;
  mailTokens: MailTokensTable;
  signInFailures: SignInFailuresTable;
  secondFactors: SecondFactorsTable;
  recoveryCodes: { id: Id; userId: number; codeHash: string; usedAt: string | null };
  externalIdentities: ExternalIdentitiesTable;
  settings: { key: string; value: string };
  sequences: { name: string; nextValue: number };
  idempotencyKeys: IdempotencyKeysTable;
  namespaces: NamespacesTable;
  documents: DocumentsTable;
  documentVersions: DocumentVersionsTable;
  passages: PassagesTable;
  blobs: BlobsTable;
  indexGenerations: IndexGenerationsTable;
  generationDocuments: GenerationDocumentsTable;
  indexSegments: IndexSegmentsTable;
  indexTombstones: IndexTombstonesTable;
  jobs: JobsTable;
  chats: ChatsTable;
  messages: MessagesTable;
  turns: TurnsTable;
  turnEvents: TurnEventsTable;
  receipts: { turnId: number; content: string; createdAt: string };
  citations: CitationsTable;
  feedback: FeedbackTable;
  tokenUsage: TokenUsageTable;
  unansweredQuestions: UnansweredQuestionsTable;
  memories: MemoriesTable;
  memoryConsents: { userId: number; personaId: string; createdAt: string };
  auditLog: AuditLogTable;
  auditCheckpoints: AuditCheckpointsTable;
};

type Id = Generated<number>;
type Flag = 0 | 1;
type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;

export type Role = 'guest' | 'user' | 'curator' | 'admin';

export type UsersTable = {
  id: Id;
  username: string;
  usernameKey: string;
  email: string | null;
  emailKey: string | null;
  /** When the address was proved to be the user's, or an operator vouched for it. */
  emailVerifiedAt: string | null;
  name: string | null;
  passwordHash: string | null;
  role: Role;
  isActive: Flag;
  tokenVersion: number;
  settings: string;
  expiresAt: string | null;
  createdAt: string;
  updatedAt: string;
};

export type RefreshTokensTable = {
  id: Id;
  userId: number;
  lineId: string;
  tokenHash: string;
  tokenVersion: number;
  userAgent: string | null;
  createdAt: string;
  expiresAt: string;
  usedAt: string | null;
  revokedAt: string | null;
};

export type ApiKeysTable = {
  id: Id;
  userId: number;
  name: string;
  prefix: string;
  keyHash: string;
  scopes: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
};

export type InvitationsTable = {
  id: Id;
  tokenHash: string;
  /** The only address that may use it; null for any. */
  email: string | null;
  role: Exclude<Role, 'guest'>;
  createdBy: number | null;
  createdAt: string;
  expiresAt: string;
  usedAt: string | null;
  usedBy: number | null;
};

export type MailPurpose = 'verify-email' | 'change-email' | 'reset-password';

export type MailTokensTable = {
  id: Id;
  userId: number;
  purpose: MailPurpose;
  tokenHash: string;
  /** Where it was sent, which it proves. */
  email: string;
  createdAt: string;
  expiresAt: string;
  usedAt: string | null;
};

export type SignInFailuresTable = {
  keyHash: string;
  failures: number;
  lastFailedAt: string;
  blockedUntil: string | null;
};

export type SecondFactorsTable = {
  userId: number;
  /** Encrypted; see the second-factor folder of accounts. */
  secret: string;
  /** The last time step whose code was used, so that none is used twice. */
  lastStep: number;
  createdAt: string;
  confirmedAt: string | null;
};

export type ExternalIdentitiesTable = {
  id: Id;
  userId: number;
  issuer: string;
  subject: string;
  createdAt: string;
};

export type IdempotencyKeysTable = {
  userId: number;
  route: string;
  key: string;
  requestHash: string;
  turnId: number | null;
  status: number | null;
  response: string | null;
  createdAt: string;
};

export type NamespacesTable = {
  name: string;
  title: string;
  description: string;
  personaId: string | null;
  visibility: 'public' | 'users' | 'curators';
  createdAt: string;
};

export type DocumentStatus = 'pending' | 'processing' | 'indexed' | 'failed' | 'quarantined';

export type DocumentsTable = {
  id: Id;
  namespace: string;
  title: string;
  sourceUrl: string | null;
  youtubeUrl: string | null;
  author: string | null;
  publishedDate: string | null;
  tags: string;
  metadata: string;
  fileName: string | null;
  status: DocumentStatus;
  /** Code and sentence of why it failed; null while nothing did. */
  errorCode: string | null;
  error: string | null;
  /** The version that is searchable; null until the first one is indexed. */
  currentVersionId: number | null;
  /** Grows whenever what the index should hold of the document changes: its content, its parse or its title. */
  indexRevision: Generated<number>;
  uploadedBy: number | null;
  isSample: Flag;
  retrievalCount: number;
  relevanceSum: number;
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
};

export type DocumentVersionsTable = {
  id: Id;
  documentId: number;
  version: number;
  checksum: string;
  format: string | null;
  blobHash: string;
  text: string | null;
  /** JSON list of TextBlock, for the viewer and for splitting again. */
  blocks: string | null;
  pageCount: number | null;
  passageCount: number;
  warnings: string;
  /** When a curator released it although something suspicious was found. */
  releasedAt: string | null;
  createdAt: string;
};

export type PassagesTable = {
  id: number;
  documentId: number;
  versionId: number;
  generationId: number;
  position: number;
  text: string;
  locator: string;
  vector: Bytes | null;
};

export type BlobsTable = { hash: string; sizeBytes: number; mediaType: string; createdAt: string };

export type IndexGenerationsTable = {
  id: Id;
  splitterVersion: number;
  analyserVersion: number;
  embeddingModel: string | null;
  dimension: number | null;
  /** One is active. A discarded one is only waiting for its rows to be removed. */
  status: 'building' | 'ready' | 'active' | 'retired' | 'discarded';
  createdAt: string;
  activatedAt: string | null;
};

/** What a generation holds of a document. */
export type GenerationDocumentsTable = {
  generationId: number;
  documentId: number;
  /** The document's `indexRevision` that was indexed; 0 when it could only be indexed in part, without vectors. */
  revision: number;
  passageCount: number;
};

export type IndexSegmentsTable = {
  id: Id;
  generationId: number;
  passageCount: number;
  data: Bytes;
  createdAt: string;
};

export type IndexTombstonesTable = { id: Id; generationId: number; passageId: number };

export type JobStatus = 'queued' | 'running' | 'retrying' | 'completed' | 'failed' | 'canceled';

export type JobsTable = {
  id: Id;
  kind: string;
  payload: string;
  status: JobStatus;
  documentId: number | null;
  progress: number;
  attempts: number;
  maxAttempts: number;
  runAfter: string;
  leaseOwner: string | null;
  leaseUntil: string | null;
  fence: number;
  cancelRequestedAt: string | null;
  errorCode: string | null;
  error: string | null;
  result: string | null;
  createdBy: number | null;
  createdAt: string;
  updatedAt: string;
  endedAt: string | null;
};

export type ChatsTable = {
  id: Id;
  userId: number;
  personaId: string;
  title: string;
  isTitleSet: Flag;
  isPinned: Flag;
  isArchived: Flag;
  /** The newest message of the branch that is shown. */
  headMessageId: number | null;
  tokensUsed: number;
  costMicros: number;
  createdAt: string;
  updatedAt: string;
};

export type MessagesTable = {
  id: Id;
  chatId: number;
  parentId: number | null;
  role: 'user' | 'assistant';
  content: string;
  status: MessageStatus;
  agentUsed: string | null;
  routingReason: string | null;
  namespaces: string;
  sources: string;
  guardAction: GuardAction;
  guardPolicy: string | null;
  guardReason: string | null;
  /** One sentence for the reader about how the answer came about. */
  note: string | null;
  promptTokens: number;
  completionTokens: number;
  costMicros: number;
  responseTimeMs: number | null;
  createdAt: string;
};

export type TurnsTable = {
  /** The answer's message id. */
  id: number;
  chatId: number;
  userId: number;
  questionId: number;
  owner: string;
  leaseUntil: string;
  fence: number;
  status: 'generating' | 'ended';
  stopRequestedAt: string | null;
  /** Held back from the budgets of the day until the end is booked. */
  reservedTokens: Generated<number>;
  reservedCostMicros: Generated<number>;
  createdAt: string;
  endedAt: string | null;
};

export type TurnEventsTable = { turnId: number; sequence: number; payload: string; createdAt: string };

export type CitationsTable = {
  id: Id;
  messageId: number;
  marker: number;
  startOffset: number;
  endOffset: number;
  documentId: number;
  /** Number of the document's version, which stays readable after the passage is gone. */
  version: number;
  passageId: number;
  locator: string;
  quote: string;
  support: number;
};

export type FeedbackTable = {
  messageId: number;
  userId: number;
  rating: 'up' | 'down';
  reason: string | null;
  comment: string | null;
  createdAt: string;
};

export type TokenUsageTable = {
  id: Id;
  userId: number;
  messageId: number | null;
  personaId: string;
  model: string;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  costMicros: number;
  isReported: Flag;
  createdAt: string;
};

export type MemoriesTable = {
  id: Id;
  userId: number;
  personaId: string;
  text: string;
  createdAt: string;
  updatedAt: string;
};

export type UnansweredQuestionsTable = {
  id: Id;
  personaId: string;
  question: string;
  messageId: number | null;
  score: number;
  status: 'open' | 'answered' | 'dismissed';
  createdAt: string;
};
