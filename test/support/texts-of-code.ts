/** What the code says: every text that is written in it, and every template as the pattern of what it makes. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** A template with less than this of its own could say anything. */
const leastFixed = 12;

/** Whether the code can make this text. */
export function textsOfCode(): (text: string) => boolean {
  const literals = new Set<string>();
  const templates: RegExp[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) literals.add(node.text);
    if (ts.isTemplateExpression(node)) {
      const fixed = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
      if (fixed.join('').length >= leastFixed) templates.push(new RegExp(`^${fixed.map(escape).join('.+')}$`));
    }
    ts.forEachChild(node, visit);
  };
  for (const name of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.startsWith('generated')) continue;
    visit(ts.createSourceFile(name, readFileSync(`${src}/${name}`, 'utf8'), ts.ScriptTarget.ES2024));
  }
  return (text) => literals.has(text) || templates.some((template) => template.test(text));
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
