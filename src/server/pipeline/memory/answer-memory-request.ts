import { listInWords } from '../choose-text.ts';
import type { TurnMemory } from '../turn.ts';
import type { MemoryRequest } from './detect-memory-request.ts';
import { faultOfFact } from './fault-of-fact.ts';

const offTexts: Record<Exclude<TurnMemory['status'], 'on'>, string> = {
  off: 'I keep nothing between our chats until you turn remembering on in your settings.',
  guest: 'I keep nothing between chats with guests. With an account you can let me remember.',
  children: 'I keep nothing about you, so there is nothing to remember or forget.',
};
const CONTROL = 'You can see, change and erase what I keep at any time.';

/** What was kept, and what to say about it. */
export type MemoryAnswer = {
  text: string;
  /** The memory for the rest of the turn. */
  memory: TurnMemory;
};

/**
 * Does what a memory request asks and says so, without a model. Where nothing is kept it says that, and why.
 * @throws what the store behind `memory` throws
 */
export async function answerMemoryRequest(request: MemoryRequest, memory: TurnMemory): Promise<MemoryAnswer> {
  if (memory.status !== 'on') return { text: offTexts[memory.status], memory };
  if (request.kind === 'recall') return { text: listFacts(memory.facts), memory };
  return request.kind === 'remember' ? remember(request.facts, memory) : forget(request.descriptions, memory);
}

async function remember(facts: readonly string[], memory: TurnMemory): Promise<MemoryAnswer> {
  const sentences: string[] = [];
  const kept: string[] = [];
  for (const fact of facts) {
    const fault = faultOfFact(fact);
    const result = fault ?? (await memory.remember(fact));
    if (result === 'remembered') {
      kept.push(fact);
      sentences.push(`I will remember this: “${fact}”.`);
    } else if (result === 'known') sentences.push(`I remember this already: “${fact}”.`);
    else sentences.push(result === 'full' ? 'I cannot keep more; erase something first.' : result);
  }
  const text = [...sentences, ...(kept.length > 0 ? [CONTROL] : [])].join(' ');
  return { text, memory: { ...memory, facts: [...memory.facts, ...kept] } };
}

async function forget(descriptions: readonly (string | null)[], memory: TurnMemory): Promise<MemoryAnswer> {
  const erased: string[] = [];
  for (const description of descriptions) erased.push(...(await memory.forget(description)));
  const text =
    erased.length === 0
      ? 'I keep nothing about that.'
      : `I have erased ${listInWords(erased.map((fact) => `“${fact}”`))}.`;
  return { text, memory: { ...memory, facts: memory.facts.filter((fact) => !erased.includes(fact)) } };
}

function listFacts(facts: readonly string[]): string {
  if (facts.length === 0) return 'You have not asked me to remember anything yet.';
  return ['You asked me to remember:', '', ...facts.map((fact) => `- ${fact}`), '', CONTROL].join('\n');
}
