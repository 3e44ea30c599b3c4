import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { testPacksFolder } from '../../../../test/build-whole-app.ts';
import { loadPack, loadPacks, PackError } from './load-pack.ts';

/** A copy of the test packs with one file changed. */
function changePack(file: string, change: (text: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-packs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(testPacksFolder, folder, { recursive: true });
  const path = join(folder, 'tester', file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  return folder;
}

function problemsOf(folder: string): string[] {
  try {
    loadPacks(folder);
  } catch (error) {
    if (error instanceof PackError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadPacks', () => {
  it('should read every pack, with the namespaces of its specialists', () => {
    const [keeper, tester] = loadPacks(testPacksFolder);
    expect(keeper).toMatchObject({ id: 'keeper', namespaces: ['vault'], open_to_guests: false });
    expect(tester).toMatchObject({ id: 'tester', namespaces: ['tea', 'bells'], open_to_guests: true });
    expect(tester?.specialists[1]).toMatchObject({
      id: 'bells',
      prompt: 'Answer about bells in plain words.',
    });
  });

  it('should change the version with any text of the pack, and only then', () => {
    const versionOf = (folder: string) => loadPack(join(folder, 'tester')).version;
    const same = changePack('guard.yaml', (text) => text);
    const other = changePack('specialists/tea.md', (text) => `${text}\nAnd briefly.`);
    expect(versionOf(same)).toBe(versionOf(testPacksFolder));
    expect(versionOf(other)).not.toBe(versionOf(testPacksFolder));
  });

  it.each([
    ['persona.yaml', 'name: Tessa', 'name: ""', /tester\/persona\.yaml:2: name: is empty\./],
    ['persona.yaml', 'audience: adults', 'audience: cats', /tester\/persona\.yaml:6: audience: /],
    ['persona.yaml', 'language: en', 'language: English', /persona\.yaml:5: language: must be a two-letter/],
    ['persona.yaml', 'name: Tessa', 'name: [', /tester\/persona\.yaml:\d+: /],
    ['persona.yaml', 'voice: ', 'colour: red\nvoice: ', /tester\/persona\.yaml:\d+: .*colour/],
    [
      'persona.yaml',
      'fallback_specialist: tea',
      'fallback_specialist: soup',
      /persona\.yaml:14: fallback_specialist "soup" is not among the specialists; name one of tea, bells/,
    ],
    [
      'persona.yaml',
      'specialists: [tea, bells]',
      'specialists: [tea, soup]',
      /tester\/specialists\/soup\.md:1: the file is missing; add it\./,
    ],
    [
      'persona.yaml',
      'id: tester',
      'id: keeper',
      /tester\/persona\.yaml:1: id is "keeper" but the folder is named "tester"; make them the same\./,
    ],
    ['guard.yaml', 'topics: [tea, bells]', 'topics: []', /tester\/guard\.yaml:3: topics: /],
    ['specialists/tea.md', 'title: Tea', 'title: ""', /tester\/specialists\/tea\.md:3: title: is empty\./],
    ['specialists/tea.md', 'id: tea', 'id: teas', /tea\.md:2: id is "teas" but the file is named "tea"/],
    [
      'specialists/tea.md',
      '---\nid',
      'id',
      /tester\/specialists\/tea\.md:1: begin the file with front matter/,
    ],
    [
      'specialists/tea.md',
      'Answer about tea in plain words.',
      '',
      /tea\.md:\d+: the prompt below .* is empty/,
    ],
  ])('should name file and line when %s has another "%s"', (...[file, from, to, message]) => {
    const problems = problemsOf(changePack(file, (text) => text.replace(from, to)));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it('should tell all problems of all packs at once', () => {
    const folder = changePack('persona.yaml', (text) =>
      text.replace('name: Tessa', 'name: ""').replace('language: en', 'language: x'),
    );
    rmSync(join(folder, 'keeper', 'guard.yaml'));
    expect(problemsOf(folder)).toHaveLength(3);
  });

  it('should say what to do when there is no pack', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wwhd-packs-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    expect(problemsOf(folder)).toEqual([expect.stringContaining('holds no persona pack')]);
    expect(problemsOf(join(folder, 'gone'))).toEqual([expect.stringContaining('set PERSONAS_DIR')]);
    writeFileSync(join(folder, 'file'), '');
    expect(problemsOf(join(folder, 'file'))).toEqual([expect.stringContaining('set PERSONAS_DIR')]);
  });
});
