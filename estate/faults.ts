/** What goes wrong on demand. `provider` and `operation` select requests; `scope` is an account, subscription, region or cluster in them. */
export interface Fault {
  readonly provider: 'aws' | 'azure' | 'ibm';
  /** `eks:DescribeCluster`, `GET managedClusters`, ... ; `*` is every operation. */
  readonly operation: string;
  readonly scope?: string;
  readonly kind: 'throttle' | 'deny' | 'expire' | 'truncate' | 'hang';
  /** Requests that suffer; left out: for ever. */
  readonly times?: number;
}

interface Armed {
  readonly fault: Fault;
  left: number;
}

/** Faults in play, and the count of every request. */
export class Playground {
  readonly #armed: Armed[] = [];
  readonly #counts = new Map<string, number>();
  latencyMs = 0;

  play(fault: Fault): void {
    this.#armed.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  calm(): void {
    this.#armed.length = 0;
  }

  /** Counts the request, waits for the latency, and says which fault meets it. */
  async meet(
    provider: Fault['provider'],
    operation: string,
    scopes: readonly string[],
  ): Promise<Fault['kind'] | undefined> {
    const key = `${provider} ${operation}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    if (this.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
    const armed = this.#armed.find(
      ({ fault, left }) =>
        left > 0 &&
        fault.provider === provider &&
        (fault.operation === '*' || fault.operation === operation) &&
        (fault.scope === undefined || scopes.includes(fault.scope)),
    );
    if (armed === undefined) return undefined;
    armed.left -= 1;
    return armed.fault.kind;
  }

  /** Requests since the last reset, by `provider operation`. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  resetCounts(): void {
    this.#counts.clear();
  }
}
