import { describe, expect, it } from 'vitest';

import { composeRefusal, composeSupport, disclaimerFor, resourcesForRegion } from './compose-guard-text.ts';
import { crisisResources, crisisResourcesReviewed } from './data/crisis-resources.ts';
import { readHermanPolicy } from './herman-policy.test-data.ts';

const policy = readHermanPolicy();

describe('composeSupport', () => {
  it('should name the help of the region and the emergency number', () => {
    const text = composeSupport({ policy, decision: { category: 'suicide' }, seed: 7 });
    expect(text).toContain('988');
    expect(text).toContain('911');
    expect(composeSupport({ policy, decision: { category: 'suicide' }, seed: 7, region: 'gb' })).toContain(
      '116 123',
    );
  });

  it('should point to an international list where no region is known', () => {
    expect(composeSupport({ policy, decision: { category: null }, seed: 1, region: 'XX' })).toContain(
      'findahelpline.com',
    );
  });

  it('should speak to children about a grown-up they trust', () => {
    const text = composeSupport({
      policy: { ...policy, audience: 'children' },
      decision: { category: 'abuse' },
      seed: 1,
    });
    expect(text).toContain('grown-up you trust');
  });

  it('should list abuse lines before the general ones when somebody is hurt', () => {
    const text = composeSupport({ policy, decision: { category: 'abuse' }, seed: 1 });
    expect(text.indexOf('Domestic Violence')).toBeLessThan(text.indexOf('988'));
  });
});

describe('composeRefusal', () => {
  it('should be short, say what can be asked and be the same for the same turn', () => {
    const compose = (seed: number): string =>
      composeRefusal({ policy, decision: { category: 'weapons' }, seed });
    expect(compose(3)).toBe(compose(3));
    expect(compose(3)).toContain('You can ask me about');
    expect(compose(3).length).toBeLessThan(400);
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9].map(compose)).size).toBeGreaterThan(1);
  });

  it('should add help when the refused text is about self-harm', () => {
    expect(composeRefusal({ policy, decision: { category: 'self-harm' }, seed: 1 })).toContain('988');
  });
});

describe('disclaimerFor', () => {
  it('should give the note of the topic, or none', () => {
    const note = disclaimerFor({ policy, decision: { category: 'legal', topic: 'legal' }, seed: 1 });
    expect(policy.disclaimers.legal).toContain(note);
    expect(disclaimerFor({ policy, decision: { category: null }, seed: 1 })).toBeUndefined();
  });
});

describe('crisisResources', () => {
  it('should offer everyone a line in each region and say when the list was reviewed', () => {
    expect(crisisResourcesReviewed).toMatch(/^\d{4}-\d{2}$/u);
    for (const region of Object.keys(crisisResources)) {
      const { emergency, resources } = resourcesForRegion(region);
      expect(emergency).toMatch(/\d{3}/u);
      expect(resources.some((resource) => resource.serves === 'everyone')).toBe(true);
    }
  });
});
