import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseRange } from '#domain/net/cidr.ts';
import { printable } from '#domain/printable.ts';
import { PROVIDERS } from '#domain/target.ts';
import { SEVERITIES } from '#domain/verdict.ts';
import packageJson from '../package.json' with { type: 'json' };
import { CannotRun } from './cannot-run.ts';
import { FORMATS } from './commands/formats.ts';

const HELP = `
Exit codes:
  0  done
  1  could not run: bad configuration, no credentials
  2  something at or above --fail-on fails
  3  coverage is incomplete (2 wins)

Begin with (npm run -s ringfence -- COMMAND):
  demo            simulated clouds, nothing needed
  config check    what is wrong with ringfence.yaml
  scan            the clouds that it names`;

/** One command line: prints, and sets the exit code of the process. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    // Help and wrong arguments: commander has printed its line already.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 1;
    else {
      const problems =
        error instanceof CannotRun ? error.problems : [error instanceof Error ? error.message : String(error)];
      for (const problem of problems) process.stderr.write(`ringfence: ${printable(problem)}\n`);
      process.exitCode = 1;
    }
  }
}

function createProgram(): Command {
  const program = new Command('ringfence')
    .description('Proves which managed Kubernetes clusters are really closed to the internet. Read-only.')
    .version(packageJson.version)
    .addHelpText('after', HELP)
    .showHelpAfterError('(ringfence --help shows every command)')
    .exitOverride();

  const configOption = () => new Option('-c, --config <file>', 'configuration').default('ringfence.yaml');
  const storeOption = () => new Option('--store <dir>', 'directory that keeps the state').default('.ringfence');
  const formatOption = () =>
    new Option('--format <format>', 'table or json').choices(['table', 'json']).default('table');

  program
    .command('scan')
    .description('read every configured target and judge it; with --store keep the state, and alert on what changed')
    .addOption(configOption())
    .addOption(new Option('--provider <name...>', 'only these providers').choices([...PROVIDERS]))
    .addOption(new Option('--format <format>', 'how the result is printed').choices([...FORMATS]).default('table'))
    .option('--output <file>', 'write the result to a file')
    .addOption(new Option('--fail-on <severity>', 'exit 2 when something at or above this fails').argParser(severity))
    .addOption(new Option('--store <dir>', 'keep the state in this directory, and report what changed').default('none'))
    .addOption(
      new Option('--deadline <seconds>', 'what reading one account, region or subscription may take')
        .argParser(seconds)
        .default(300),
    )
    .action(async (options) => (await import('./commands/scan.ts')).scan(options));

  program
    .command('demo')
    .description('the whole of Ringfence on simulated clouds: scan, drift, alerts')
    .action(async () => (await import('./commands/demo.ts')).demo());

  const portOption = () => new Option('--port <port>', 'port to listen on').default('8080');

  program
    .command('start')
    .description('scan once, then the dashboard and the query API on 127.0.0.1; without --config on simulated clouds')
    .addOption(new Option('-c, --config <file>', 'configuration'))
    .addOption(new Option('--store <dir>', 'directory that keeps the state, with --config (default: ".ringfence")'))
    .addOption(portOption())
    .action(async (options) => (await import('./commands/start.ts')).start(options));

  program
    .command('serve')
    .description('the dashboard and the query API on 127.0.0.1, from the store')
    .addOption(configOption())
    .addOption(storeOption())
    .addOption(portOption())
    .action(async (options) => (await import('./commands/serve.ts')).serve(options));

  program
    .command('findings')
    .description('findings of the last scans, from the store')
    .addOption(storeOption())
    .addOption(formatOption())
    .action(async (options) => (await import('./commands/findings.ts')).findings(options));

  program
    .command('explain')
    .description('what a control demands, or how a stored finding was decided')
    .argument('<subject>', 'control, <cluster>/<control>, or finding id')
    .addOption(storeOption())
    .addOption(formatOption())
    .action(async (subject, options) => (await import('./commands/explain.ts')).explain(subject, options));

  program
    .command('controls')
    .description('the catalogue')
    .addOption(formatOption())
    .action(async (options) => (await import('./commands/controls.ts')).controls(options));

  const config = program.command('config').description('the configuration file');
  config
    .command('check')
    .description('validate without scanning; reports file, line and key of every error')
    .addOption(configOption())
    .action(async (options) => (await import('./commands/config-check.ts')).configCheck(options));

  program
    .command('doctor')
    .description('try every permission and say what is missing and which controls become UNKNOWN without it')
    .argument('<provider>', PROVIDERS.join(', '), provider)
    .addOption(configOption())
    .addOption(formatOption())
    .action(async (name, options) => (await import('./commands/doctor.ts')).doctor(name, options));

  program
    .command('attest')
    .description('check what an operator attests, and keep it in the configuration')
    .command('ibm')
    .requiredOption('--account <id>', 'IBM Cloud account')
    .requiredOption('--file <file>', 'text of ibmcloud account show')
    .addOption(configOption())
    .option('--author <name>', 'who attests (default: the user who runs this)')
    .option('--days <n>', 'how long it is valid', '90')
    .action(async (options) => (await import('./commands/attest.ts')).attestIbm(options));

  program
    .command('reachability')
    .description('who may talk to whom, from plain manifests')
    .requiredOption('--manifests <dir>', 'directory of YAML or JSON documents')
    .option('--pod-cidr <block>', 'where the addresses of pods lie; once per block', podCidrs, [])
    .addOption(
      new Option('--ipblock <reading>', 'what an ipBlock speaks of: every plugin but Cilium includes pods').choices([
        'including-pods',
        'outside-only',
      ]),
    )
    .addOption(formatOption())
    .action(async ({ manifests, format, podCidr, ipblock }) => {
      const { runReachability } = await import('./commands/reachability.ts');
      process.exitCode = await runReachability({
        manifests,
        format,
        podCidr,
        ipblock,
        stdout: (text) => process.stdout.write(text),
        stderr: (text) => process.stderr.write(text),
      });
    });

  function podCidrs(value: string, before: readonly string[]): readonly string[] {
    const blocks = value.split(',').map((block) => block.trim());
    const wrong = blocks.find((block) => !block.includes('/') || parseRange(block) === undefined);
    if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is not a CIDR block`);
    return [...before, ...blocks];
  }
  return program;
}

function severity(value: string): string {
  const upper = value.toUpperCase();
  if (!(SEVERITIES as readonly string[]).includes(upper))
    throw new InvalidArgumentError(`expected one of ${SEVERITIES.join(', ')}`);
  return upper;
}

function seconds(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 3600)
    throw new InvalidArgumentError('expected whole seconds, from 1 to 3600');
  return number;
}

function provider(value: string): string {
  if (!(PROVIDERS as readonly string[]).includes(value))
    throw new InvalidArgumentError(`expected one of ${PROVIDERS.join(', ')}`);
  return value;
}
