import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { Refusal } from '../transport/refusal.ts';
import { asksAksServer } from './entra-token.ts';

const Config = v.object({
  'current-context': v.nullish(v.string()),
  contexts: v.array(v.object({ name: v.string(), context: v.object({ cluster: v.string(), user: v.string() }) })),
  clusters: v.array(
    v.object({
      name: v.string(),
      cluster: v.object({
        server: v.string(),
        'certificate-authority': v.nullish(v.string()),
        'certificate-authority-data': v.nullish(v.string()),
        'insecure-skip-tls-verify': v.nullish(v.boolean()),
      }),
    }),
  ),
  users: v.array(
    v.object({
      name: v.string(),
      user: v.nullish(
        v.object({
          token: v.nullish(v.string()),
          tokenFile: v.nullish(v.string()),
          'client-certificate': v.nullish(v.string()),
          'client-certificate-data': v.nullish(v.string()),
          'client-key': v.nullish(v.string()),
          'client-key-data': v.nullish(v.string()),
          username: v.nullish(v.string()),
          'auth-provider': v.nullish(v.unknown()),
          exec: v.nullish(
            v.object({
              command: v.string(),
              args: v.nullish(v.array(v.string())),
              env: v.nullish(v.array(v.object({ name: v.string(), value: v.string() }))),
            }),
          ),
        }),
      ),
    }),
  ),
});

export interface KubeconfigAccess {
  readonly server: string;
  readonly ca?: string;
  readonly token?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** The user entry asks the AWS CLI or aws-iam-authenticator for a token: it is computed here instead. */
  readonly eks?: { readonly clusterName: string; readonly region: string };
  /** The user entry asks kubelogin for an AKS token: it is fetched here instead. */
  readonly isAks?: true;
}

/**
 * Reads one context of a kubeconfig. Tokens and certificates, in the file or beside it, are understood. A credential plugin (`exec`) is
 * never run; for EKS its token is computed here, for AKS it is fetched, every other plugin is refused with its name. Skipping TLS verification is refused.
 */
export async function readKubeconfig(file: string, contextName: string): Promise<KubeconfigAccess> {
  const config = parseConfig(file, await read(file));
  const context = config.contexts.find(({ name }) => name === contextName)?.context;
  if (context === undefined) throw new Refusal('not-found', `kubeconfig: no context "${contextName}"`);
  const cluster = config.clusters.find(({ name }) => name === context.cluster)?.cluster;
  if (cluster === undefined) throw new Refusal('not-found', `kubeconfig: no cluster "${context.cluster}"`);
  const user = config.users.find(({ name }) => name === context.user)?.user ?? {};
  if (cluster['insecure-skip-tls-verify'] === true) {
    throw new Refusal(
      'tls',
      `kubeconfig: cluster "${context.cluster}" skips TLS verification; give its certificate authority instead`,
    );
  }
  const from = async (data: string | null | undefined, path: string | null | undefined) =>
    data ? Buffer.from(data, 'base64').toString('utf8') : path ? read(resolve(dirname(file), path)) : undefined;
  const ca = await from(cluster['certificate-authority-data'], cluster['certificate-authority']);
  const clientCertificate = await from(user['client-certificate-data'], user['client-certificate']);
  const clientKey = await from(user['client-key-data'], user['client-key']);
  const token =
    user.token ?? (user.tokenFile ? (await read(resolve(dirname(file), user.tokenFile))).trim() : undefined);
  const access = {
    server: cluster.server,
    ...(ca === undefined ? {} : { ca }),
    ...(token === undefined ? {} : { token }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(clientKey === undefined ? {} : { clientKey }),
  };
  if (token !== undefined || clientCertificate !== undefined) return access;
  if (user.exec) {
    const { command, args } = user.exec;
    if (/(^|\/)kubelogin$/.test(command) && asksAksServer(args ?? [])) return { ...access, isAks: true };
    return { ...access, eks: eksOf(user.exec, context.user) };
  }
  throw new Refusal(
    'credentials',
    `kubeconfig: user "${context.user}" has no token and no certificate that can be used here`,
  );
}

type Exec = NonNullable<NonNullable<v.InferOutput<typeof Config>['users'][number]['user']>['exec']>;

function eksOf({ command, args, env }: Exec, user: string): { readonly clusterName: string; readonly region: string } {
  const after = (...names: string[]) => {
    const at = (args ?? []).findIndex((argument) => names.includes(argument));
    return at === -1 ? undefined : args?.[at + 1];
  };
  const isAws = /(^|\/)(aws|aws-iam-authenticator)$/.test(command);
  const clusterName = after('--cluster-name', '--cluster-id', '-i');
  const region =
    after('--region') ?? (env ?? []).find(({ name }) => name === 'AWS_REGION' || name === 'AWS_DEFAULT_REGION')?.value;
  if (isAws && clusterName !== undefined && region !== undefined) return { clusterName, region };
  throw new Refusal(
    'credentials',
    `kubeconfig: user "${user}" needs the credential plugin "${command}", which is never run here; give a token instead`,
  );
}

function parseConfig(file: string, text: string): v.InferOutput<typeof Config> {
  try {
    return v.parse(Config, parse(text));
  } catch (error) {
    throw new Refusal('malformed-answer', `${file} is not a kubeconfig`, { cause: error });
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Refusal('not-found', `cannot read ${file}`, { cause: error });
  }
}
