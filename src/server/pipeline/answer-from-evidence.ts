import { createHash } from 'node:crypto';

import type { TurnEventBody } from '../../shared/turn-events.ts';
import { AppError } from '../errors.ts';
import { createAnswerGuard } from '../guard/create-answer-guard.ts';
import { isInstruction } from '../guard/neutralise-instructions.ts';
import type { TokenUsage } from '../models/language-model.ts';
import type { RetrievedPassage } from '../retrieval/passage.ts';
import { answerExtractively } from './answer-extractively.ts';
import { composeAbstention } from './compose-abstention.ts';
import { composePrompt, secretFragments } from './compose-prompt.ts';
import { type Evidence, readEvidence } from './evidence/read-evidence.ts';
import { presentSource } from './evidence/present-source.ts';
import { type EvidenceJudgement, judgeEvidence } from './judge-evidence.ts';
import type { Specialist } from './persona.ts';
import { createMarkerRenumbering } from './renumber-markers.ts';
import { rerankPassages } from './rerank-passages.ts';
import type { Retrieval } from './retrieve.ts';
import type { TurnDependencies, TurnState } from './run-turn.ts';
import type { TurnInput } from './turn.ts';

/** A finished text with what its markers mean, before citations are aligned. */
export type Answer = {
  kind: 'reply' | 'extractive' | 'model' | 'abstention' | 'guard';
  text: string;
  /** `passages[n - 1]` is what the marker `[n]` means. */
  passages: readonly RetrievedPassage[];
  model: string;
  note: string | null;
  /** What the provider reported; undefined when the tokens are ours to count. */
  usage: TokenUsage | undefined;
  /** What an extractive answer read, for counting its tokens. */
  promptText: string;
  error?: AppError;
};

type AnswerStep = {
  input: TurnInput;
  dependencies: TurnDependencies;
  state: TurnState;
  standalone: string;
  retrieval: Retrieval;
  specialist: Specialist;
  /** The note that the guard puts under an answer; undefined without one. */
  disclaimer: string | undefined;
};

type AnswerStream = AsyncGenerator<TurnEventBody, Answer, void>;

const EXTRACTIVE = 'extractive';
const MODEL_PASSAGES = 8;
const MAXIMUM_TOKENS = 1_000;
const TEMPERATURE = 0.3;

/** Judges the evidence and answers from it: an abstention, a written answer, or excerpts. */
export async function* answerFromEvidence(step: AnswerStep): AnswerStream {
  const { input, state, standalone, retrieval, dependencies } = step;
  const evidence = readEvidence({
    question: standalone,
    terms: retrieval.terms,
    passages: retrieval.passages,
    ignoredWords: [input.persona.name],
  });
  const judgement = judgeEvidence(evidence);
  state.receipt.evidence = {
    verdict: judgement.verdict,
    score: judgement.score,
    answerability: judgement.answerability,
    missing_words: judgement.missingWords,
  };
  state.mark('evidence');
  if (judgement.verdict === 'none') return yield* abstain(step);
  const passages = rerankPassages(evidence);
  yield {
    type: 'sources-found',
    sources: passages
      .slice(0, MODEL_PASSAGES)
      .map((passage, position) => presentSource(position + 1, passage, undefined)),
  };
  const written = dependencies.languageModel ? yield* write(step, passages) : undefined;
  return (
    written ??
    (yield* quote(step, {
      evidence,
      judgement,
      note: dependencies.languageModel ? 'No language model answered, so these are excerpts.' : null,
    }))
  );
}

async function* abstain(step: AnswerStep): AnswerStream {
  const { input, retrieval } = step;
  const { persona } = input;
  const fallbackTopics = persona.specialists.map((specialist) => specialist.title);
  const { content: text } = composeAbstention({
    abstention: persona.abstention,
    nearest: retrieval.passages,
    fallbackTopics,
    seed: input.turnId,
  });
  yield { type: 'answer-delta', text };
  return {
    kind: 'abstention',
    text,
    passages: [],
    model: EXTRACTIVE,
    note: null,
    usage: undefined,
    promptText: input.question,
  };
}

async function* quote(
  step: AnswerStep,
  found: { evidence: Evidence; judgement: EvidenceJudgement; note: string | null },
): AnswerStream {
  const { input, disclaimer } = step;
  const answer = answerExtractively(found.evidence, {
    frames: input.persona.frames,
    seed: input.turnId,
    verdict: found.judgement.verdict,
    isExcluded: isInstruction,
  });
  if (!answer) return yield* abstain(step);
  const texts = [
    ...answer.segments.map((segment) => segment.text),
    ...(disclaimer ? [`\n\n${disclaimer}`] : []),
  ];
  let text = '';
  for (const part of texts) {
    if (input.signal.aborted) break;
    text += part;
    yield { type: 'answer-delta', text: part };
  }
  const promptText = [input.question, ...answer.cited.map((passage) => passage.text)].join('\n');
  return {
    kind: 'extractive',
    text,
    passages: answer.cited,
    model: EXTRACTIVE,
    note: found.note,
    usage: undefined,
    promptText,
  };
}

/** Lets the language model write. Undefined when it failed before a word left, so that excerpts can take over. */
async function* write(
  step: AnswerStep,
  passages: readonly RetrievedPassage[],
): AsyncGenerator<TurnEventBody, Answer | undefined, void> {
  const { input, dependencies, state, specialist, disclaimer } = step;
  const model = dependencies.languageModel;
  if (!model) return undefined;
  const quoted = passages.slice(0, MODEL_PASSAGES);
  const messages = composePrompt({
    persona: input.persona,
    specialist,
    history: input.history,
    passages: quoted,
    question: input.question,
  });
  state.receipt.prompt = messages;
  state.receipt.prompt_hash = createHash('sha256').update(JSON.stringify(messages)).digest('hex');
  const guard = createAnswerGuard({
    policy: input.persona.guard,
    promptFragments: secretFragments(input.persona, specialist),
    markers: quoted.length,
    allowedUrls: quoted.flatMap((passage) => [passage.url, passage.youtubeUrl].filter((url) => url !== null)),
    seed: input.turnId,
  });
  const renumbering = createMarkerRenumbering(quoted.length);
  const answer: Answer = {
    kind: 'model',
    text: '',
    passages: quoted,
    model: model.id,
    note: null,
    usage: undefined,
    promptText: messages.map((message) => message.content).join('\n'),
  };
  try {
    for await (const chunk of model.generate({
      messages,
      maxTokens: MAXIMUM_TOKENS,
      temperature: TEMPERATURE,
      signal: input.signal,
    })) {
      if (chunk.type === 'usage') {
        answer.usage = chunk.usage;
        answer.model = chunk.model;
        continue;
      }
      const released = renumbering.push(guard.push(chunk.text));
      answer.text += released;
      if (released !== '') yield { type: 'answer-delta', text: released };
      if (guard.decision()) break;
    }
  } catch (error) {
    if (!input.signal.aborted) {
      dependencies.onError(error, { turnId: input.turnId, step: 'generate' });
      if (answer.text === '') return undefined;
      answer.error =
        error instanceof AppError
          ? error
          : new AppError(
              'model_unavailable',
              'The language model stopped in the middle of the answer. Ask again.',
              { cause: error },
            );
    }
  }
  if (!input.signal.aborted && !answer.error) {
    const rest = renumbering.push(guard.end()) + renumbering.end() + (disclaimer ? `\n\n${disclaimer}` : '');
    answer.text += rest;
    if (rest !== '') yield { type: 'answer-delta', text: rest };
  }
  const decision = guard.decision();
  if (decision) {
    state.guarded('answer', decision);
    state.guard = { action: decision.action, policy: decision.policyId, reason: decision.reason };
    yield { type: 'guard-decided', stage: 'answer', action: decision.action, policyId: decision.policyId };
  }
  answer.passages = renumbering.order().flatMap((original) => quoted[original - 1] ?? []);
  return answer;
}
