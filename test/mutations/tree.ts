import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutation } from '../support/mutation.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A copy of the working tree in which patches are put and taken out. */
export class Tree {
  readonly path = mkdtempSync(join(realpathSync(tmpdir()), 'tessera-mutations-'));

  /** Takes the files that git tracks, as they stand, and links node_modules. */
  constructor() {
    const names = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
    // A tracked file may have been deleted since.
    for (const name of names.split('\0').filter((each) => each !== '' && existsSync(root + each)))
      cpSync(root + name, join(this.path, name), { recursive: true });
    symlinkSync(realpathSync(`${root}node_modules`), join(this.path, 'node_modules'));
    mkdirSync(join(this.path, 'tmp'));
    // PostgreSQL runs as another user, who must get through to its folder.
    for (const folder of [this.path, join(this.path, 'tmp')]) chmodSync(folder, 0o711);
  }

  /** False, and nothing changed, where the patch does not fit. */
  apply({ file, changesContract }: Mutation): boolean {
    try {
      this.#run('git', ['apply', '--whitespace=nowarn', file]);
    } catch {
      return false;
    }
    if (changesContract) this.#generate();
    return true;
  }

  takeOut({ file, changesContract }: Mutation): void {
    this.#run('git', ['apply', '--whitespace=nowarn', '--reverse', file]);
    if (changesContract) this.#generate();
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #generate(): void {
    this.#run(process.execPath, ['scripts/generate.ts']);
  }

  #run(program: string, args: readonly string[]): void {
    // Outside of any repository, or `git apply` would take the paths of a patch to be those of that one.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: join(this.path, '..') };
    execFileSync(program, args, { cwd: this.path, env, stdio: 'pipe' });
  }
}
