import { createHash } from 'node:crypto';

import type { TurnEventBody } from '../../shared/turn-events.ts';
import { AppError } from '../errors.ts';
import { createAnswerGuard } from '../guard/create-answer-guard.ts';
import type { LanguageModel } from '../models/language-model.ts';
import { ModelError } from '../models/model-error.ts';
import type { RetrievedPassage } from '../retrieval/passage.ts';
import type { Answer, AnswerStep } from './answer-from-evidence.ts';
import { composePrompt, secretFragments } from './compose-prompt.ts';
import { createMarkerRenumbering } from './renumber-markers.ts';

/** How many passages a model reads. */
export const MODEL_PASSAGES = 8;
const MAXIMUM_TOKENS = 1_000;
const TEMPERATURE = 0.3;

type WrittenStream = AsyncGenerator<TurnEventBody, Answer | undefined, void>;

/**
 * Lets the language model write. Its text passes the answer guard, then its markers are numbered by first use; what
 * leaves is what is kept. Undefined when it failed before a word left, so that excerpts can take over.
 */
export async function* writeAnswer(
  step: AnswerStep,
  passages: readonly RetrievedPassage[],
  model: LanguageModel,
): WrittenStream {
  const { input, state, disclaimer } = step;
  const quoted = passages.slice(0, MODEL_PASSAGES);
  const prompt = await preparePrompt(step, quoted);
  const filter = createAnswerFilter(step, quoted);
  const answer: Answer = {
    kind: 'model',
    text: '',
    passages: [],
    model: model.id,
    note: null,
    usage: undefined,
    promptText: prompt.messages.map((message) => message.content).join('\n'),
    generatedText: '',
  };
  try {
    for await (const chunk of model.generate({
      messages: prompt.messages,
      maxTokens: MAXIMUM_TOKENS,
      temperature: TEMPERATURE,
      signal: input.signal,
      onFallback: ({ modelId, nextModelId, reason }) =>
        state.receipt.fallbacks.push({ model: modelId, next: nextModelId, reason }),
    })) {
      if (chunk.type === 'usage') {
        answer.usage = chunk.usage;
        answer.model = chunk.model;
        continue;
      }
      answer.generatedText += chunk.text;
      const released = filter.push(chunk.text);
      answer.text += released;
      if (released !== '') yield { type: 'answer-delta', text: released };
      if (filter.decision()) break;
    }
  } catch (error) {
    if (!noteFailure(step, { answer, error, model })) return undefined;
  }
  if (!input.signal.aborted && !answer.error) {
    const rest = filter.end();
    if (answer.text + rest === '') {
      state.receipt.fallbacks.push({ model: answer.model, next: null, reason: 'nothing that may leave' });
      return undefined;
    }
    const closing = disclaimer && !filter.decision() ? `${rest}\n\n${disclaimer}` : rest;
    answer.text += closing;
    if (closing !== '') yield { type: 'answer-delta', text: closing };
  }
  state.receipt.removals = { ...filter.removals(), neutralised: prompt.neutralised };
  const decision = filter.decision();
  if (decision) {
    state.guarded('answer', decision);
    yield { type: 'guard-decided', stage: 'answer', action: decision.action, policyId: decision.policyId };
  }
  answer.passages = filter.cited();
  return answer;
}

async function preparePrompt(step: AnswerStep, passages: readonly RetrievedPassage[]) {
  const { input, state, specialist } = step;
  const prompt = await composePrompt({
    persona: input.persona,
    specialist,
    history: input.history,
    passages,
    facts: input.memory?.status === 'on' ? input.memory.facts : [],
    question: input.question,
    neutralise: step.neutralise,
  });
  state.receipt.prompt = prompt.messages;
  state.receipt.prompt_hash = createHash('sha256').update(JSON.stringify(prompt.messages)).digest('hex');
  return prompt;
}

/** The model's text on its way out: first what the guard lets through, then markers by first use. */
function createAnswerFilter({ input, specialist }: AnswerStep, quoted: readonly RetrievedPassage[]) {
  const guard = createAnswerGuard({
    policy: input.persona.guard,
    promptFragments: secretFragments(input.persona, specialist),
    markers: quoted.length,
    allowedUrls: quoted.flatMap((passage) => [passage.url, passage.youtubeUrl].filter((url) => url !== null)),
    seed: input.turnId,
  });
  const renumbering = createMarkerRenumbering(quoted.length);
  return {
    push: (text: string) => renumbering.push(guard.push(text)),
    end: () => renumbering.push(guard.end()) + renumbering.end(),
    decision: guard.decision,
    removals: guard.removals,
    cited: () => renumbering.order().flatMap((original) => quoted[original - 1] ?? []),
  };
}

/** @returns false when nothing had left, so that another way of answering is open */
function noteFailure(
  { input, state, dependencies }: AnswerStep,
  failure: { answer: Answer; error: unknown; model: LanguageModel },
): boolean {
  const { answer, error, model } = failure;
  if (input.signal.aborted) return true;
  dependencies.onError(error, { turnId: input.turnId, step: 'generate' });
  if (answer.text === '') {
    const reason = error instanceof ModelError ? error.reason : 'error';
    state.receipt.fallbacks.push({ model: model.id, next: null, reason });
    return false;
  }
  answer.error =
    error instanceof AppError
      ? error
      : new AppError(
          'model_unavailable',
          'The language model stopped in the middle of the answer. Ask again.',
          {
            cause: error,
          },
        );
  return true;
}
