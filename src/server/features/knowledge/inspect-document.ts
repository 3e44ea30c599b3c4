import { setImmediate } from 'node:timers/promises';

import { findInstructions } from '../../guard/neutralise-instructions.ts';
import type { ParsedDocument } from '../../ingestion/parsed-document.ts';

const LEAST_WORDS = 3;
const SHOWN_FINDINGS = 5;
const SHOWN_LENGTH = 200;

/** The one kind of sentence that no ordinary document holds: it tells the model to drop its rules. */
const UNMISTAKABLE_RULE = 'override';

export type Inspection = {
  /** Why the document waits for a curator; undefined for an ordinary one. */
  suspicion: string | undefined;
  /** What a curator should know of a document that is let in. */
  warnings: string[];
};

/**
 * Looks for what somebody may have put into a document for the model instead of the reader. Hidden sentences of three
 * words or more, and sentences that tell the model to drop its rules, hold it back. Other sentences that sound like
 * orders to a program stand in ordinary books and manuals too: they are told, never quoted, and left out of prompts.
 * @param passages the passages of the document; other work gets its turn between them
 */
export async function inspectDocument(
  parsed: Pick<ParsedDocument, 'hidden'>,
  passages: readonly { text: string }[],
): Promise<Inspection> {
  const findings = new Map<string, string>();
  const doubtful = new Set<string>();
  for (const { reason, text } of parsed.hidden ?? []) {
    if ((text.match(/\p{L}{2,}/gu)?.length ?? 0) >= LEAST_WORDS) findings.set(text, reason);
  }
  for (const { text } of passages) {
    await setImmediate();
    for (const { start, end, ruleId } of findInstructions(text)) {
      const sentence = text.slice(start, end).trim();
      if (ruleId === UNMISTAKABLE_RULE) findings.set(sentence, 'an instruction to the assistant');
      else doubtful.add(sentence);
    }
  }
  return { suspicion: describe(findings), warnings: warn(doubtful) };
}

function describe(findings: ReadonlyMap<string, string>): string | undefined {
  if (findings.size === 0) return undefined;
  const shown = [...findings]
    .slice(0, SHOWN_FINDINGS)
    .map(([text, reason]) => `${reason}: "${shorten(text)}"`);
  const more = findings.size > SHOWN_FINDINGS ? ` and ${findings.size - SHOWN_FINDINGS} more` : '';
  return `Held back until a curator has looked at it. Found ${shown.join('; ')}${more}. Release the document if this is meant for readers, or delete it.`;
}

function warn(doubtful: ReadonlySet<string>): string[] {
  const [first] = doubtful;
  if (first === undefined) return [];
  const count = doubtful.size === 1 ? '1 sentence sounds' : `${doubtful.size} sentences sound`;
  return [`${count} like an order to a program and will not be quoted: "${shorten(first)}"`];
}

function shorten(text: string): string {
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`;
}
