import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/standards.md', root), 'utf8');

type Requirement = { readonly standard: string; readonly what: string; readonly state: string; readonly by: string };

/** The rows of every table that has states. */
function readRequirements(): Requirement[] {
  return page
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const [standard = '', ...lines] = section.split('\n');
      const rows = lines.filter((line) => line.startsWith('|')).map((line) => line.slice(1, -1).split(' | '));
      const head = rows.findIndex(([, second]) => second?.trim() === 'state');
      return head === -1 ? [] : rows.slice(head + 2).map((cells) => toRequirement(standard, cells));
    });
}

function toRequirement(standard: string, cells: string[]): Requirement {
  expect(cells, cells.join(' | ')).toHaveLength(3);
  const [what = '', state = '', by = ''] = cells.map((cell) => cell.trim());
  return { standard, what, state, by };
}

/** The tests that a text names: `file › title`. */
function testsIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+ › [^`]+)`/g)].map(([, test = '']) => test);
}

/** The titles in a test file as they are written there, `%s` and all, of those tests that run. */
function titlesIn(text: string): Set<string> {
  const source = ts.createSourceFile('x.test.ts', text, ts.ScriptTarget.ES2024);
  const titles = new Set<string>();
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node)) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) {
        if (isCallOf(node.expression, 'it', 'test')) titles.add(title.text);
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

describe('docs/standards.md', () => {
  it('names tests that are there, by their file and their title', () => {
    const titles = new Map<string, Set<string>>();
    const missing = testsIn(page).filter((test) => {
      const [path = '', title = ''] = test.split(' › ');
      const file = new URL(`test/${path}.test.ts`, root);
      if (!titles.has(path)) titles.set(path, existsSync(file) ? titlesIn(readFileSync(file, 'utf8')) : new Set());
      return titles.get(path)?.has(title) !== true;
    });
    expect(missing).toEqual([]);
    expect(titles.size).toBeGreaterThan(30);
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
    expect([...titlesIn(tests)]).toEqual(['one', 'two %s', 'three', 'four']);
  });

  it('gives every requirement a state: met by a test, or not, for a reason', () => {
    expect(requirements.length).toBeGreaterThan(200);
    for (const { what, state, by } of requirements) {
      expect(['met', 'not applicable', 'not met'], what).toContain(state);
      expect(by, what).not.toBe('');
      if (state === 'met') expect(testsIn(by), what).not.toEqual([]);
      else expect(by, what).toMatch(/^[A-Z].*/);
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
        Array.from({ length: count }, (_, at) => `${chapter.slice(1)}.${section + 1}.${at + 1}`),
      );
      const found = requirements.filter(({ standard }) => standard.startsWith(`ASVS 5.0, ${chapter}:`));
      expect(found.map(({ what }) => what.split(' ')[0])).toEqual(wanted);
    }
  });
});
