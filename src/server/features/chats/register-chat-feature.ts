import { randomUUID } from 'node:crypto';

import type { Kysely } from 'kysely';

import type { Config } from '../../config.ts';
import type { Tables } from '../../database/tables.ts';
import type { App } from '../../http/http-app.ts';
import { costMicrosOf } from '../../models/prices.ts';
import type { Models } from '../../models/open-models.ts';
import { createRunTurn } from '../../pipeline/run-turn.ts';
import type { OpenKnowledge } from '../knowledge/open-knowledge.ts';
import type { createPersonaEngines } from '../personas/persona-engines.ts';
import type { PersonaRegistry } from '../personas/persona-registry.ts';
import type { OpenTurnMemory } from '../memories/open-turn-memory.ts';
import { createAskQuestion } from './ask-question.ts';
import { createChatStore } from './chat-store.ts';
import { createChatTitlesStore } from './chat-titles-store.ts';
import { registerChats } from './chats-routes.ts';
import { createChatNaming } from './name-chats.ts';
import { createTurnLimits } from './turn-limits.ts';
import { createTurnRunner } from './turn-runner.ts';
import { createTurnStore } from './turn-store.ts';
import { registerTurns } from './turns-routes.ts';

const LEASE_MS = 15_000;
const PURGE_EVERY_MS = 3_600_000;
const EVENTS_KEPT_MS = 86_400_000;

export type ChatFeatureDependencies = {
  database: Kysely<Tables>;
  config: Pick<Config, 'limits' | 'models'>;
  personas: PersonaRegistry;
  knowledge: OpenKnowledge;
  models: Models;
  engines: ReturnType<typeof createPersonaEngines>;
  openTurnMemory: OpenTurnMemory;
  /** Ends what an earlier process left: this one owns the data alone. */
  isServer: boolean;
  now: () => Date;
  onError: (error: unknown, context: object) => void;
};

/** Wires the pipeline to its store and routes: chats, turns and their runner. */
export async function registerChatFeature(app: App, dependencies: ChatFeatureDependencies) {
  const { database, config, personas, knowledge, models, engines, isServer, now, onError } = dependencies;
  const { steps } = config.models;
  const limits = createTurnLimits({
    limits: config.limits,
    model: models.languageModel?.id,
    costOf: costMicrosOf,
    now,
  });
  const store = createTurnStore({ database, instanceId: randomUUID(), now, leaseMs: LEASE_MS, limits });
  const chats = createChatStore({ database, now });
  const runTurn = createRunTurn({
    engineOf: engines.engineOf,
    index: knowledge.index,
    readPassages: knowledge.readPassages,
    listTitles: knowledge.access.listTitles,
    embeddingModel: knowledge.embeddingModel,
    languageModel: models.languageModel,
    modelSteps: steps,
    costOf: costMicrosOf,
    elapsedMs: () => performance.now(),
    onError,
  });
  const naming =
    steps.titles && models.languageModel
      ? createChatNaming({
          titles: createChatTitlesStore({ database, now }),
          model: models.languageModel,
          costOf: costMicrosOf,
          onError,
        })
      : undefined;
  const runner = createTurnRunner({
    store,
    runTurn,
    now,
    maximumTurns: config.limits.concurrentTurns,
    onError,
    onEnded: (message, outcome) => {
      naming?.name(message, outcome);
      const supports = new Map<number, number>();
      for (const citation of message.citations) {
        supports.set(
          citation.document_id,
          Math.max(supports.get(citation.document_id) ?? 0, citation.support),
        );
      }
      knowledge.countRetrievals(supports);
    },
  });
  const personaOf = (id: string | null | undefined) => (id ? personas.get(id) : personas.default());
  const askQuestion = createAskQuestion({
    chats,
    turns: store,
    runner,
    personaOf,
    namespacesOf: knowledge.access.namespacesOf,
    openTurnMemory: dependencies.openTurnMemory,
  });
  registerTurns(app, { askQuestion, runner, turns: store });
  registerChats(app, { chats, runner, askQuestion, personaOf });

  if (isServer) await runner.reap(true);
  runner.start();
  const purge = setInterval(() => {
    store
      .purgeEvents(new Date(now().getTime() - EVENTS_KEPT_MS))
      .catch((error: unknown) => onError(error, { step: 'purge' }));
  }, PURGE_EVERY_MS).unref();
  return {
    shutDown: (graceMs: number) => runner.shutDown(graceMs),
    /** Resolves when no title is being written. */
    whenNamed: async () => naming?.whenIdle(),
    close: async () => {
      clearInterval(purge);
      await naming?.close();
    },
  };
}
