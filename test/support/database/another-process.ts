/** Another process at work on the same file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./database-user.ts', import.meta.url));

/** Opens the database in a process of its own, and does `rounds` of all that a server does to it. */
export async function useFromAnotherProcess(
  file: string,
  rounds: number,
  name: string,
): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [script, file, String(rounds), name], { stdio: 'pipe' });
  const [stderr, end] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { code: end[0] as number | null, stderr };
}
