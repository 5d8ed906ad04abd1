import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CannotScaffold, scaffold } from './new-control/scaffold.ts';

/** npm run new-control -- <platform> <name>: the files of a new control, which is green at once, and the pages that name it. */
const root = fileURLToPath(new URL('../', import.meta.url));
const [platform, name, ...rest] = process.argv.slice(2);
try {
  if (platform === undefined || name === undefined || rest.length > 0)
    throw new CannotScaffold('two words are needed: npm run new-control -- <platform> <name>');
  for (const path of scaffold(root, platform, name)) console.log(path);
  // A process of its own, because the catalogue of this one does not know the control.
  execFileSync('npm', ['run', '--silent', 'docs'], { cwd: root, stdio: 'inherit' });
} catch (error) {
  if (!(error instanceof CannotScaffold)) throw error;
  console.error(`new-control: ${error.message}`);
  process.exitCode = 1;
}
