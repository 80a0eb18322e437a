/** What is tried with a program that a machine may not have. */
import { execFile } from 'node:child_process';
import { findProgram } from '../support/program.ts';

export type Check = {
  readonly name: string;
  /** The program, as it is called. */
  readonly needs: string;
  /** Arguments with which it shows that it works, and has what is needed of it. */
  readonly probe: readonly string[];
  /** Rejects when what is tried does not hold. Gets the file of the program. */
  readonly run: (program: string) => Promise<void>;
};

type ProgramEnd = { readonly code: number | string | null; readonly stdout: string; readonly stderr: string };

/** Milliseconds: a first run of a compiler takes its time. */
const ENDS_WITHIN = 120_000;

/** Runs it to its end; `code` is null when it had to be killed. */
export function run(program: string, args: readonly string[], environment = process.env): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const options = { env: environment, timeout: ENDS_WITHIN, killSignal: 'SIGKILL' } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr });
    });
  });
}

/** Rejects with what it printed when it does not end well. */
export async function expectSuccess(
  program: string,
  args: readonly string[],
  environment = process.env,
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, environment);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit code ${String(code)}\n${stdout}${stderr}`);
  return stdout;
}

/** The file of the program, or why there is none to run. */
export async function lookFor({ needs, probe }: Check): Promise<{ program: string } | { lack: string }> {
  const program = await findProgram(needs);
  if (program === undefined) return { lack: `${needs} is not installed` };
  const { code } = await run(program, probe);
  return code === 0 ? { program } : { lack: `\`${[needs, ...probe].join(' ')}\` does not work` };
}
