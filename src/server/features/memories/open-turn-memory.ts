import { readTokens } from '../../pipeline/evidence/read-sentences.ts';
import type { Persona } from '../../pipeline/persona.ts';
import type { TurnMemory } from '../../pipeline/turn.ts';
import type { MemoriesStore, MemoryScope } from './memories-store.ts';

export type OpenTurnMemory = (
  asker: { userId: number; role: string },
  persona: Pick<Persona, 'id' | 'audience'>,
) => Promise<TurnMemory>;

/**
 * Makes the function that gives a turn what the asker lets the persona remember: nothing for guests and with personas
 * for children, else only where the user allowed it.
 */
export function createOpenTurnMemory(store: MemoriesStore): OpenTurnMemory {
  return async function openTurnMemory({ userId, role }, persona) {
    if (persona.audience === 'children') return closed('children');
    if (role === 'guest') return closed('guest');
    const scope: MemoryScope = { userId, personaId: persona.id };
    if (!(await store.listEnabled(userId)).includes(persona.id)) return closed('off');
    return {
      status: 'on',
      facts: (await store.list(scope)).map((memory) => memory.text),
      async remember(fact) {
        const result = await store.insert(scope, fact);
        if (result === 'full') return 'full';
        return result.isNew ? 'remembered' : 'known';
      },
      async forget(description) {
        const kept = await store.list(scope);
        const meant = description === null ? kept : kept.filter((memory) => holds(memory.text, description));
        await store.remove(
          meant.map((memory) => memory.id),
          userId,
        );
        return meant.map((memory) => memory.text);
      },
    };
  };
}

function closed(status: Exclude<TurnMemory['status'], 'on'>): TurnMemory {
  return {
    status,
    facts: [],
    remember: () => Promise.resolve('full'),
    forget: () => Promise.resolve([]),
  };
}

/** Whether a fact has all telling words of a description: "my knee" means "I have a bad knee". */
function holds(fact: string, description: string): boolean {
  const words = readTokens(description).filter((token) => !token.isStopWord);
  const known = new Set(readTokens(fact).map((token) => token.term));
  return words.length > 0 && words.every((token) => known.has(token.term));
}
