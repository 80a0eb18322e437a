import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/standards.md', root), 'utf8');

type Requirement = {
  readonly id: string;
  readonly standard: string;
  readonly what: string;
  readonly state: string;
  readonly remark: string;
};

/** The rows of every table that has states. */
function readRequirements(): Requirement[] {
  return page
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const [standard = '', ...lines] = section.split('\n');
      const rows = lines.filter((line) => line.startsWith('|')).map((line) => line.slice(1, -1).split(' | '));
      const head = rows.findIndex(([, , third]) => third?.trim() === 'state');
      return head === -1 ? [] : rows.slice(head + 2).map((cells) => toRequirement(standard, cells));
    });
}

function toRequirement(standard: string, cells: string[]): Requirement {
  expect(cells, cells.join(' | ')).toHaveLength(4);
  const [id = '', what = '', state = '', remark = ''] = cells.map((cell) => cell.trim());
  return { id: id.replace(/^`(.*)`$/, '$1'), standard, what, state, remark };
}

/** How the ids of a table begin: with the standard, and for ASVS with the chapter, too. */
function startOfIds(standard: string): string {
  const [, rfc, chapter] = /^(?:RFC (\d+)|ASVS 5\.0, V(\d+)):/.exec(standard) ?? [];
  if (rfc !== undefined) return `RFC${rfc}-`;
  return chapter === undefined ? 'HOSTILE/' : `ASVS-${chapter}.`;
}

/** The ids that a text has in brackets. What only resembles one counts as well, so that a misspelt one is found. */
function idsIn(text: string): string[] {
  return [...text.matchAll(/\[((?:RFC ?\d+|ASVS|HOSTILE)[-/ ][^\]\n]*)\]/gi)].map(([, id = '']) => id);
}

/** The titles in a test file as they are written there, `%s` and all, of those tests that run. */
function titlesIn(text: string): string[] {
  const source = ts.createSourceFile('x.test.ts', text, ts.ScriptTarget.ES2024);
  const titles: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node)) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) {
        if (isCallOf(node.expression, 'it', 'test')) titles.push(title.text);
        // A group that is skipped, or only planned, or depends on something: nothing in it counts.
        else if (/^describe\b/.test(node.getText(source)) && !isCallOf(node.expression, 'describe')) return;
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** Whether it is one of these functions, or what `.for(…)` and `.each(…)` make of it; `.skip` and the like do not count. */
function isCallOf(callee: ts.Expression, ...names: string[]): boolean {
  if (ts.isIdentifier(callee)) return names.includes(callee.text);
  if (ts.isCallExpression(callee)) return isCallOf(callee.expression, ...names);
  if (!ts.isPropertyAccessExpression(callee) || !/^(for|each)$/.test(callee.name.text)) return false;
  return isCallOf(callee.expression, ...names);
}

const requirements = readRequirements();
const ids = requirements.map(({ id }) => id);

/** The test files that have ids. */
const files = globSync('test/**/*.test.ts', { cwd: root })
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }))
  .filter(({ text }) => idsIn(text).length > 0)
  .map(({ path, text }) => ({ path, named: idsIn(text), run: titlesIn(text).flatMap(idsIn) }));

const tested = new Set(files.flatMap(({ run }) => run));

describe('docs/standards.md', () => {
  it('gives every requirement an id of its own, of its standard and in the one form', () => {
    const slug = '[a-z0-9]+(-[a-z0-9]+)*';
    const form = new RegExp(`^((RFC\\d+|ASVS)-\\d+(\\.\\d+)*(/${slug})?|HOSTILE/${slug})$`);
    for (const { id, standard, what } of requirements) {
      expect(id, what).toMatch(form);
      expect(id.startsWith(startOfIds(standard)), `${id} in ${standard}`).toBe(true);
    }
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    // Where a section has several requirements, each has a slug.
    expect(ids.filter((id) => ids.some((other) => other.startsWith(`${id}/`)))).toEqual([]);
  });

  it('has tests that are there, by the ids in their titles', () => {
    const met = requirements.filter(({ state }) => state === 'met');
    expect(met.map(({ id }) => id).filter((id) => !tested.has(id))).toEqual([]);
    expect(files.length).toBeGreaterThan(30);
  });

  it('has every id that is in a test file, where it stands in the title of a test that runs', () => {
    const strays = files.flatMap(({ path, named }) =>
      named.filter((id) => !ids.includes(id)).map((id) => `${path}: ${id}`),
    );
    expect(strays).toEqual([]);
    for (const { path, named, run } of files) expect(run, path).toEqual(named);
  });

  it('counts no test that does not run', () => {
    const tests = `
      describe('runs', () => { it('one', f); it.for([1])('two %s', f); it.skip('no', f); test.todo('no'); });
      describe.each([1])('runs', () => { test('three', f); describe('runs', () => { it.each([1])('four', f); }); });
      describe.skip('not', () => { it('no', f); describe('runs', () => { it('no', f); }); });
      describe.skip.each([1])('not', () => { it('no', f); });
      describe.runIf(isLinux)('not always', () => { it('no', f); });
      describe.todo('not yet');
    `;
    expect(titlesIn(tests)).toEqual(['one', 'two %s', 'three', 'four']);
  });

  it('gives every requirement a state: met by a test, or not, for a reason', () => {
    expect(requirements.length).toBeGreaterThan(200);
    for (const { id, state, remark } of requirements) {
      expect(['met', 'not applicable', 'not met'], id).toContain(state);
      if (state === 'met') continue;
      expect(remark, id).toMatch(/^[A-Z].*/);
      expect(remark.includes('(tested)'), `${id} has a test, and says so, or neither`).toBe(tested.has(id));
    }
  });

  it('has a table for each standard, and no requirement twice', () => {
    expect([...new Set(requirements.map(({ standard }) => standard.split(':')[0]))]).toEqual([
      'RFC 6749',
      'RFC 6750',
      'RFC 7009',
      'RFC 7523',
      'RFC 7662',
      'RFC 8414',
      'RFC 8707',
      'RFC 8725',
      'RFC 9068',
      'RFC 9700',
      'ASVS 5.0, V6',
      'ASVS 5.0, V7',
      'ASVS 5.0, V9',
      'ASVS 5.0, V10',
      'Hostile input',
    ]);
    const all = requirements.map(({ standard, what }) => `${standard} ${what}`);
    expect(all.filter((each, at) => all.indexOf(each) !== at)).toEqual([]);
  });

  it('has chapters 6, 7, 9 and 10 of ASVS 5.0 whole and in order', () => {
    // How many requirements each section of version 5.0.0 has.
    const sections: Record<string, number[]> = {
      V6: [3, 12, 8, 6, 8, 4, 2, 4],
      V7: [3, 4, 2, 5, 3, 2],
      V9: [3, 4],
      V10: [2, 3, 5, 16, 5, 2, 3],
    };
    for (const [chapter, counts] of Object.entries(sections)) {
      const wanted = counts.flatMap((count, section) =>
        Array.from({ length: count }, (_, at) => `ASVS-${chapter.slice(1)}.${section + 1}.${at + 1}`),
      );
      const found = requirements.filter(({ standard }) => standard.startsWith(`ASVS 5.0, ${chapter}:`));
      expect(found.map(({ id }) => id)).toEqual(wanted);
    }
  });
});
