import { createQuestionGuard } from '../../guard/create-question-guard.ts';
import type { Persona } from '../../pipeline/persona.ts';
import { createRouterPolitely, type RouterKnowledge } from '../../pipeline/routing/create-router.ts';
import type { PersonaEngine } from '../../pipeline/run-turn.ts';

const REBUILD_AFTER_MS = 3_000;

/**
 * Guard and router of each persona. A router learns from the knowledge, so it is trained at the first question and
 * again a moment after the knowledge has changed; until then the old one answers.
 */
export function createPersonaEngines(options: {
  describe: (persona: Persona) => Promise<RouterKnowledge[]>;
  onError: (error: unknown) => void;
}) {
  const { describe, onError } = options;
  const engines = new Map<string, Promise<PersonaEngine>>();
  const personas = new Map<string, Persona>();
  let timer: NodeJS.Timeout | undefined;

  async function build(
    persona: Persona,
    guard = createQuestionGuard({ policy: persona.guard }),
  ): Promise<PersonaEngine> {
    const knowledge = await describe(persona);
    const router = await createRouterPolitely({
      specialists: persona.specialists,
      knowledge,
      fallbackSpecialistId: persona.fallback_specialist,
    });
    return { guard, router };
  }

  async function rebuild(): Promise<void> {
    for (const persona of personas.values()) {
      const current = await engines.get(persona.id);
      const fresh = await build(persona, current?.guard);
      engines.set(persona.id, Promise.resolve(fresh));
    }
  }

  return {
    engineOf(persona: Persona): Promise<PersonaEngine> {
      personas.set(persona.id, persona);
      const known = engines.get(persona.id);
      if (known) return known;
      const building = build(persona);
      engines.set(persona.id, building);
      building.catch(() => engines.delete(persona.id));
      return building;
    },
    /** Tells that documents came or went. */
    knowledgeChanged(): void {
      clearTimeout(timer);
      timer = setTimeout(() => {
        rebuild().catch(onError);
      }, REBUILD_AFTER_MS).unref();
    },
    close(): void {
      clearTimeout(timer);
    },
  };
}
