import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

import type { AuditAction, AuditOutcome } from '../../../shared/audit.ts';

/** What happened, without its place in the chain. Ids only: never a name, an address of mail or a text. */
export type AuditRecord = {
  id: number;
  createdAt: string;
  userId: number | null;
  action: AuditAction;
  objectType: string | null;
  objectId: string | null;
  address: string | null;
  outcome: AuditOutcome;
};

/**
 * A signed place in the chain. `head` is the newest row, `interval` one of every so many, `purge` the newest row that
 * was removed because of its age, which the oldest remaining row follows.
 */
export type CheckpointKind = 'head' | 'interval' | 'purge';
export type Checkpoint = {
  kind: CheckpointKind;
  lastId: number;
  hash: string;
  keyId: string;
  signature: string;
};

/** Keys that sign checkpoints: the first one signs, all are accepted. */
export type AuditKeys = readonly [Uint8Array, ...Uint8Array[]];

/** What the first row follows. */
export const CHAIN_START = '0'.repeat(64);

/** The audit log's own keys from the keys of access tokens, the signing one first (HKDF, RFC 5869). */
export function deriveAuditKeys(
  signingKeys: readonly [{ material: Uint8Array }, ...{ material: Uint8Array }[]],
): AuditKeys {
  const derive = ({ material }: { material: Uint8Array }) =>
    new Uint8Array(hkdfSync('sha256', material, 'wwhd-audit', 'audit checkpoints 1', 32));
  const [first, ...older] = signingKeys;
  return [derive(first), ...older.map(derive)];
}

/** The hash of a row: SHA-256 over the hash before it and the row as JSON with its keys in a fixed order, in hex. */
export function hashRecord(record: AuditRecord, previousHash: string): string {
  const { id, createdAt, userId, action, objectType, objectId, address, outcome } = record;
  const canonical = JSON.stringify([
    previousHash,
    id,
    createdAt,
    userId,
    action,
    objectType,
    objectId,
    address,
    outcome,
  ]);
  return createHash('sha256').update(canonical).digest('hex');
}

/** Signs a place in the chain (HMAC-SHA-256). */
export function signCheckpoint(
  place: Pick<Checkpoint, 'kind' | 'lastId' | 'hash'>,
  keys: AuditKeys,
): Checkpoint {
  const { kind, lastId, hash } = place;
  return { kind, lastId, hash, keyId: keyIdOf(keys[0]), signature: signatureOf(place, keys[0]) };
}

/** Whether a checkpoint was signed by one of the keys and not changed since. */
export function isSigned(checkpoint: Checkpoint, keys: AuditKeys): boolean {
  const key = keys.find((candidate) => keyIdOf(candidate) === checkpoint.keyId);
  if (key === undefined) return false;
  const given = Buffer.from(checkpoint.signature);
  const expected = Buffer.from(signatureOf(checkpoint, key));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function signatureOf({ kind, lastId, hash }: Pick<Checkpoint, 'kind' | 'lastId' | 'hash'>, key: Uint8Array) {
  return createHmac('sha256', key)
    .update(JSON.stringify([kind, lastId, hash]))
    .digest('hex');
}

/** Names a key without telling it, so that a checkpoint of a key that is gone can be told from a forged one. */
function keyIdOf(key: Uint8Array): string {
  return createHash('sha256').update('key id').update(key).digest('hex').slice(0, 12);
}

export type ChainRow = AuditRecord & { hash: string };
export type ChainReport = {
  isIntact: boolean;
  rows: number;
  firstId: number | null;
  lastId: number;
  problems: string[];
};

/**
 * Reads the whole chain and says what does not fit: a changed row, a missing or added one, at the beginning, in the
 * middle or at the end, a forged checkpoint. Rows that were purged for their age are not missed when the purge is signed.
 * @param options.rows by id, ascending
 */
export async function verifyChain(options: {
  rows: AsyncIterable<ChainRow>;
  checkpoints: readonly Checkpoint[];
  keys: AuditKeys;
}): Promise<ChainReport> {
  const { rows, checkpoints, keys } = options;
  const problems: string[] = [];
  for (const checkpoint of checkpoints)
    if (!isSigned(checkpoint, keys))
      problems.push(
        `The ${checkpoint.kind} checkpoint at row ${checkpoint.lastId} is not signed by a key of this server.`,
      );
  const signed = checkpoints.filter((checkpoint) => isSigned(checkpoint, keys));
  const purge = signed.filter(({ kind }) => kind === 'purge').sort((a, b) => b.lastId - a.lastId)[0];
  const marks = new Map(
    signed.filter(({ kind }) => kind === 'interval').map((mark) => [mark.lastId, mark.hash]),
  );
  let last = { id: purge?.lastId ?? 0, hash: purge?.hash ?? CHAIN_START };
  let count = 0;
  let firstId: number | null = null;
  for await (const row of rows) {
    firstId ??= row.id;
    count += 1;
    if (row.id !== last.id + 1)
      problems.push(
        row.id === last.id + 2
          ? `Row ${last.id + 1} is missing.`
          : `Rows ${last.id + 1} to ${row.id - 1} are missing.`,
      );
    else if (hashRecord(row, last.hash) !== row.hash)
      problems.push(`Row ${row.id} was changed, or the one before it.`);
    const mark = marks.get(row.id);
    if (mark !== undefined && mark !== row.hash)
      problems.push(`Row ${row.id} is not the one that was signed.`);
    last = { id: row.id, hash: row.hash };
  }
  const head = signed.find(({ kind }) => kind === 'head');
  if (head === undefined && last.id > 0) problems.push('The signed end of the log is missing.');
  if (head !== undefined && head.lastId > last.id)
    problems.push(`The log ends at row ${last.id}; rows up to ${head.lastId} are missing.`);
  if (head !== undefined && head.lastId < last.id)
    problems.push(`Rows after ${head.lastId} were not added by the server.`);
  if (head !== undefined && head.lastId === last.id && head.hash !== last.hash)
    problems.push(`Row ${last.id} is not the one that was signed as the end.`);
  return { isIntact: problems.length === 0, rows: count, firstId, lastId: last.id, problems };
}
