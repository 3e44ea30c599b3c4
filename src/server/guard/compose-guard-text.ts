import {
  crisisResources,
  type CrisisResource,
  internationalResources,
  type RegionResources,
} from './data/crisis-resources.ts';
import type { GuardDecision } from './create-question-guard.ts';
import type { GuardPolicy } from './guard-policy.ts';

export type ComposeOptions = {
  policy: GuardPolicy;
  /** Chooses among variants; the same seed (for example the turn's id) gives the same text. */
  seed: number | string;
  /** What the guard decided; its category chooses the words. */
  decision: Pick<GuardDecision, 'category' | 'topic'>;
  /** ISO 3166 country code; the policy's region when absent. */
  region?: string;
};

/** Help lines and the emergency number of a region, or where to find them when the region is unknown. */
export function resourcesForRegion(region: string): RegionResources {
  return crisisResources[region.toUpperCase()] ?? internationalResources;
}

/** The whole answer to a person who may be in danger: the persona's gentle words, then the help of the region. */
export function composeSupport(options: ComposeOptions): string {
  const { policy } = options;
  const { category } = options.decision;
  const words = chooseVariant(policy.support[category ?? 'default'] ?? policy.support.default, options.seed);
  const { emergency, resources } = resourcesForRegion(options.region ?? policy.region);
  const order = serviceOrder(category, policy.audience);
  const shown = resources
    .filter((resource) => order.includes(resource.serves))
    .sort((left, right) => order.indexOf(left.serves) - order.indexOf(right.serves));
  const lines = [
    `- In immediate danger: ${emergency}`,
    ...shown.map((resource) => `- ${resource.name}: ${resource.contact}`),
    ...(resources === internationalResources.resources ? [] : ['- Anywhere else: https://findahelpline.com']),
  ];
  const closing =
    policy.audience === 'children'
      ? 'Please tell a grown-up you trust, such as a parent, a teacher or a nurse. You are not in trouble.'
      : 'If calling feels like too much, a message to one person you trust is a good first step.';
  return `${words}\n\n${lines.join('\n')}\n\n${closing}`;
}

function serviceOrder(
  category: string | null,
  audience: GuardPolicy['audience'],
): CrisisResource['serves'][] {
  const special: CrisisResource['serves'][] =
    category === 'emergency' ? ['poison'] : category === 'abuse' || category === 'danger' ? ['abuse'] : [];
  return audience === 'children' ? ['children', ...special, 'everyone'] : [...special, 'everyone'];
}

/** The whole answer to a harmful request: one kind sentence of the persona and three things that can be asked. */
export function composeRefusal(options: ComposeOptions): string {
  const { policy, seed } = options;
  const { category } = options.decision;
  const words = chooseVariant(policy.refusals[category ?? 'default'] ?? policy.refusals.default, seed);
  const start = hashSeed(seed) % policy.topics.length;
  const count = Math.min(3, policy.topics.length);
  const topics = Array.from(
    { length: count },
    (_, step) => policy.topics[(start + step) % policy.topics.length] ?? '',
  );
  const help =
    category === 'self-harm'
      ? `\n\nIf this is about you or someone near you: ${resourceSentence(options.region ?? policy.region)}`
      : '';
  return `${words} You can ask me about ${joinWithOr(topics)}.${help}`;
}

/** The persona's note to stand under an answer, or undefined when the decision has no topic. */
export function disclaimerFor(options: ComposeOptions): string | undefined {
  const { topic } = options.decision;
  return topic === undefined ? undefined : chooseVariant(options.policy.disclaimers[topic], options.seed);
}

function resourceSentence(region: string): string {
  const { emergency, resources } = resourcesForRegion(region);
  const first = resources.find((resource) => resource.serves === 'everyone');
  return `${first === undefined ? '' : `${first.name}, ${first.contact}; `}in immediate danger, ${emergency}.`;
}

function joinWithOr(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} or ${last}`;
}

function chooseVariant(variants: readonly string[], seed: number | string): string {
  return variants[hashSeed(seed) % variants.length] ?? '';
}

/** FNV-1a, so that neighbouring turn ids do not always share a variant. */
function hashSeed(seed: number | string): number {
  let hash = 0x811c9dc5;
  for (const letter of String(seed)) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash ^ (hash >>> 13)) >>> 0;
}
