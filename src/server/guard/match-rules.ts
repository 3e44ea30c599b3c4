/** What a rule, or the classifier, says about a text. */
export type RuleVerdict = {
  ruleId: string;
  action: 'disclaim' | 'support' | 'refuse';
  category: string;
  topic?: string;
};

/** A phrase rule as data: any pattern must match and no exception may. Patterns see `normaliseForGuard` text. */
export type GuardRule = {
  id: string;
  action: RuleVerdict['action'];
  category: string;
  topic?: string;
  patterns: readonly string[];
  unless?: readonly string[];
  /** A cue only informs the classifier; a rule that is no cue decides by itself. */
  isCue?: boolean;
};

export type CompiledRule = {
  rule: GuardRule;
  /** `excused` when a pattern matches but an exception does too. */
  judge: (text: string) => 'match' | 'excused' | 'none';
};

/** Named parts of patterns, written `<name>` in a rule. */
export type PatternParts = Readonly<Record<string, string>>;

/**
 * Compiles rules once. A pattern is a regular expression that matches on word boundaries; `<name>` inserts a named part.
 * @throws Error naming the rule when a pattern is no valid expression or names an unknown part.
 */
export function compileRules(rules: readonly GuardRule[], parts: PatternParts): CompiledRule[] {
  return rules.map((rule) => {
    const positive = compilePatterns(rule.id, rule.patterns, parts);
    const negative = rule.unless === undefined ? undefined : compilePatterns(rule.id, rule.unless, parts);
    return {
      rule,
      judge: (text) => (!positive.test(text) ? 'none' : negative?.test(text) === true ? 'excused' : 'match'),
    };
  });
}

/** One expression out of several patterns, with their named parts put in. @throws Error naming `ruleId`. */
export function compilePatterns(ruleId: string, patterns: readonly string[], parts: PatternParts): RegExp {
  const insert = (pattern: string): string =>
    pattern.replace(/(?<!\(\?)<([a-z]+)>/gu, (_, name: string) => {
      const part = parts[name];
      if (part === undefined) throw new Error(`Guard rule ${ruleId}: unknown part <${name}>.`);
      return `(?:${insert(part)})`;
    });
  try {
    const joined = patterns.map((pattern) => `(?:${insert(pattern)})`).join('|');
    return new RegExp(`(?<![\\p{L}\\p{N}])(?:${joined})(?![\\p{L}\\p{N}])`, 'u');
  } catch (cause) {
    throw new Error(`Guard rule ${ruleId}: ${cause instanceof Error ? cause.message : 'invalid pattern'}`, {
      cause,
    });
  }
}

/** Turns a phrase that a curator wrote into a pattern that matches it literally, with any spacing between its words. */
export function phraseToPattern(phrase: string): string {
  return phrase
    .trim()
    .replace(/[.*+?^${}()|[\]\\]/gu, '\\$&')
    .replace(/\s+/gu, '\\s+');
}
