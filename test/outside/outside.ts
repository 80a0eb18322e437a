/*
 * `npm run test:outside`: what needs programs that a machine may not have. Says what it ran and what it did not, and why.
 * Exit status: 0 when all that ran passed, 1 when one failed or none ran.
 */
import { type Check, lookFor } from './check.ts';
import { deploymentChecks } from './deployment.ts';
import { nginxCheck, pathChecks } from './nginx.ts';
import { passwordCheck } from './passwords.ts';
import { tokenChecks } from './tokens.ts';

const checks: readonly Check[] = [nginxCheck, ...pathChecks, ...deploymentChecks, ...tokenChecks, passwordCheck];

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(status));

const counts = { passed: 0, failed: 0, notRun: 0 };
for (const check of checks) {
  const found = await lookFor(check);
  if ('lack' in found) {
    counts.notRun += 1;
    console.log(`not run: ${found.lack}: ${check.name}`);
    continue;
  }
  try {
    await check.run(found.program);
    counts.passed += 1;
    console.log(`passed: ${check.name} (${check.needs})`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAILED: ${check.name} (${check.needs})`);
    console.log(error);
  }
}
const ran = counts.passed + counts.failed;
console.log(`ran ${ran}, not run ${counts.notRun}${counts.failed > 0 ? `, FAILED ${counts.failed}` : ''}`);
process.exitCode = counts.failed > 0 || ran === 0 ? 1 : 0;
