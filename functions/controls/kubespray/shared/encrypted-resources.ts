/** Secrets by name, or by the wildcards of their group and of every group (Kubernetes 1.27). */
const SECRETS = ['secrets', '*.', '*.*'];

export function includesSecrets(resources: readonly string[]): boolean {
  return resources.some((resource) => SECRETS.includes(resource));
}
