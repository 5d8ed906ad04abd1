import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listedIn } from './listing.ts';
import { TEMPLATES } from './templates.ts';

/** One line for the person who typed the command. */
export class CannotScaffold extends Error {
  override readonly name = 'CannotScaffold';
}

interface Platform {
  readonly folder: string;
  /** What the file's name begins with, where one folder holds the controls of two kinds. */
  readonly start: string;
}

const PLATFORMS: Readonly<Record<keyof typeof TEMPLATES, Platform>> = {
  eks: { folder: 'eks', start: '' },
  aks: { folder: 'aks', start: '' },
  iks: { folder: 'iks', start: '' },
  'ibm-account': { folder: 'iks', start: 'account-' },
  kubernetes: { folder: 'kubernetes', start: '' },
  kubespray: { folder: 'kubespray', start: '' },
};

/** Writes control, example and test below the root and lists the control; gives the paths written. Nothing is written where anything is wrong. */
export function scaffold(root: string, platform: string, name: string): readonly string[] {
  const kind = kindOf(platform);
  checkName(kind, name);
  const { folder, start } = PLATFORMS[kind];
  const file = `${start}${name}`;
  const paths = {
    control: `functions/controls/${folder}/${file}.ts`,
    example: `test/controls/${folder}/${file}.example.ts`,
    test: `test/controls/${folder}/${file}.test.ts`,
  };
  for (const path of Object.values(paths))
    if (existsSync(join(root, path))) throw new CannotScaffold(`${path} exists already: take another name`);
  const index = `functions/controls/${folder}/index.ts`;
  const listed = listedIn(readFileSync(join(root, index), 'utf8'), file);
  if (listed === undefined) throw new CannotScaffold(`${index} has no list of controls that could be extended`);
  const texts = TEMPLATES[kind](`${kind}-${name}`, file);
  const files = [
    [paths.control, texts.control],
    [paths.example, texts.example],
    [paths.test, texts.test],
    [index, listed],
  ] as const;
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return files.map(([path]) => path);
}

function kindOf(platform: string): keyof typeof TEMPLATES {
  const known = Object.keys(TEMPLATES) as (keyof typeof TEMPLATES)[];
  const kind = known.find((candidate) => candidate === platform);
  if (kind === undefined) throw new CannotScaffold(`there is no platform '${platform}': it is ${known.join(', ')}`);
  return kind;
}

function checkName(kind: keyof typeof TEMPLATES, name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new CannotScaffold(`'${name}' is not a name: small letters, digits and single hyphens, such as api-log`);
  const prefix = `${kind}-`;
  if (name.startsWith(prefix))
    throw new CannotScaffold(`leave the prefix out: the id becomes ${name} with the name ${name.slice(prefix.length)}`);
  if (kind === 'iks' && name.startsWith('account-'))
    throw new CannotScaffold(
      `that is a control of the account: npm run new-control -- ibm-account ${name.slice('account-'.length)}`,
    );
  if (name === 'index') throw new CannotScaffold("'index' is the list of controls: take another name");
}
