import type { AddressRange } from '#domain/net/cidr.ts';
import { Objects, pluginIn, type Service, servicesIn } from './objects.ts';
import type { BlockReading } from './pod-addresses.ts';
import { type ServiceAccounts, serviceAccountsIn } from './service-accounts.ts';
import type { Json } from './shape.ts';

/** What an operator says about the network that the objects are meant for. */
export interface NetworkFacts {
  /** Where the pods' addresses lie; empty or absent: not known. */
  readonly podRanges?: readonly AddressRange[];
  /** Whether the plugin that enforces reads an `ipBlock` as addresses outside the cluster only; absent: as the objects show. */
  readonly blocksAreOutside?: boolean;
}

/** What the policies of one folder or cluster are compiled with: the objects that they name, and what is known about the network. */
export class CompileContext {
  readonly objects: Objects;
  readonly podRanges: readonly AddressRange[];
  private readonly facts: NetworkFacts;
  private reading: BlockReading | undefined;
  private listed: readonly Service[] | undefined;
  private accountsRead: ServiceAccounts | undefined;

  constructor(all: readonly Json[], facts: NetworkFacts = {}) {
    this.objects = new Objects(all);
    this.podRanges = facts.podRanges ?? [];
    this.facts = facts;
  }

  /** How the plugin reads the `ipBlock` of a NetworkPolicy. */
  get ipBlocks(): BlockReading {
    this.reading ??= this.readBlocks();
    return this.reading;
  }

  get accounts(): ServiceAccounts {
    this.accountsRead ??= serviceAccountsIn(this.objects);
    return this.accountsRead;
  }

  get services(): readonly Service[] {
    this.listed ??= servicesIn(this.objects);
    return this.listed;
  }

  private readBlocks(): BlockReading {
    const { blocksAreOutside } = this.facts;
    if (blocksAreOutside !== undefined) return { includesPods: !blocksAreOutside, basis: 'declared' };
    const plugin = pluginIn(this.objects);
    return plugin === undefined
      ? { includesPods: true, basis: 'assumed' }
      : { includesPods: plugin.includesPods, plugin: plugin.name, basis: 'known' };
  }
}
