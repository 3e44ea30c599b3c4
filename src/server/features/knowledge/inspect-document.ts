import { setImmediate } from 'node:timers/promises';

import { findInstructions } from '../../guard/neutralise-instructions.ts';
import type { ParsedDocument } from '../../ingestion/parsed-document.ts';

const LEAST_WORDS = 3;
const SHOWN_FINDINGS = 5;
const SHOWN_LENGTH = 200;

/**
 * Looks for what somebody may have put into a document for the model instead of the reader: hidden sentences of three
 * words or more, and sentences that give the model instructions.
 * @param passages the passages of the document; other work gets its turn between them
 * @returns what a curator should see before anyone can be answered from it; undefined for an ordinary document
 */
export async function inspectDocument(
  parsed: Pick<ParsedDocument, 'hidden'>,
  passages: readonly { text: string }[],
): Promise<string | undefined> {
  const findings = new Map<string, string>();
  for (const { reason, text } of parsed.hidden ?? []) {
    if ((text.match(/\p{L}{2,}/gu)?.length ?? 0) >= LEAST_WORDS) findings.set(text, reason);
  }
  for (const { text } of passages) {
    await setImmediate();
    for (const { start, end } of findInstructions(text))
      findings.set(text.slice(start, end).trim(), 'an instruction to the assistant');
  }
  if (findings.size === 0) return undefined;
  const shown = [...findings]
    .slice(0, SHOWN_FINDINGS)
    .map(([text, reason]) => `${reason}: "${shorten(text)}"`);
  const more = findings.size > SHOWN_FINDINGS ? ` and ${findings.size - SHOWN_FINDINGS} more` : '';
  return `Held back until a curator has looked at it. Found ${shown.join('; ')}${more}. Release the document if this is meant for readers, or delete it.`;
}

function shorten(text: string): string {
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`;
}
