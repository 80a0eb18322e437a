import { type SelectModifierNode, SqliteQueryCompiler } from 'kysely';

/**
 * Leaves out the locks of rows that PostgreSQL needs (`for update`, `for share`): here a transaction has the whole
 * database to itself from its beginning.
 */
export class LocklessCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier === 'Distinct') super.visitSelectModifier(node);
  }
}
