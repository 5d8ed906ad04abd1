/** The parts of an Azure Resource Manager id; the id is the same in any case, and the parts keep the case that was written. */
export interface ArmId {
  readonly subscription: string;
  /** Empty for what is in no resource group. */
  readonly resourceGroup: string;
  /** `Microsoft.Network/virtualNetworks`, of the resource that is nested least; empty for a group or a subscription. */
  readonly type: string;
  /** Type and name of each resource, from the outermost to the one that is meant. */
  readonly path: readonly { readonly type: string; readonly name: string }[];
}

/** Takes an id apart; `undefined` for what is not one. */
export function parseArmId(id: string): ArmId | undefined {
  const [empty, subscriptions, subscription = '', ...rest] = id.split('/');
  if (empty !== '' || subscriptions?.toLowerCase() !== 'subscriptions' || subscription === '') return undefined;
  const grouped = rest[0]?.toLowerCase() === 'resourcegroups';
  const resourceGroup = grouped ? (rest[1] ?? '') : '';
  const below = grouped ? rest.slice(2) : rest;
  const [providers, namespace = '', ...names] = below;
  if (providers?.toLowerCase() !== 'providers') return { subscription, resourceGroup, type: '', path: [] };
  const path = names.flatMap((type, index) => (index % 2 === 0 ? [{ type, name: names[index + 1] ?? '' }] : []));
  return { subscription, resourceGroup, type: `${namespace}/${path[0]?.type ?? ''}`, path };
}

/** The subscription of an id in lower case, as ids of subscriptions are compared; empty for what is not an id. */
export function subscriptionOf(id: string): string {
  return parseArmId(id)?.subscription.toLowerCase() ?? '';
}

/** Whether the id is of a resource of that type, or of something nested in one, at any depth and in any case. */
export function isInside(id: string, type: string): boolean {
  return parseArmId(id)?.path.some((part) => part.type.toLowerCase() === type.toLowerCase()) === true;
}

/** Whether the id is of that type, in any case, and not of something nested in it. */
export function isArmType(id: string, type: string): boolean {
  const parsed = parseArmId(id);
  return (
    parsed?.path.length === 1 &&
    parsed.resourceGroup !== '' &&
    parsed.path[0]?.name !== '' &&
    parsed.type.toLowerCase() === type.toLowerCase()
  );
}
