import type { CompileContext } from './context.ts';
import type { Peer, PortMatch, Rule } from './model.ts';
import { podsOfNamespace } from './network-policy.ts';
import { endpointsOf, type Service } from './objects.ts';
import { addressPeer } from './pod-addresses.ts';
import { NO_PORTS, PROTOCOLS, ports, union } from './ports.ts';
import type { Problems } from './problems.ts';
import { fields, items } from './shape.ts';

interface ServiceContext {
  readonly action: Rule['action'];
  readonly field: string;
  readonly context: CompileContext;
  readonly problems: Problems;
}

/** Whom Services stand for: the pods that they select, or the endpoints written for one without a selector. */
export function servicePeers(
  services: readonly Service[],
  text: string,
  { action, field, context, problems }: ServiceContext,
): readonly Peer[] {
  const unknown = (message: string): readonly Peer[] => {
    problems.undecidable(field, message);
    return action === 'accept' ? [{ kind: 'anyone' }] : [];
  };
  if (services.length === 0) return unknown(`${text} was not read, so whom it stands for is not known`);
  return services.flatMap((service): readonly Peer[] => {
    if (service.selector !== undefined) return [podsOfNamespace(service.namespace, { matchLabels: service.selector })];
    const endpoints = endpointsOf(service, context.objects);
    return endpoints === undefined
      ? unknown(
          `the endpoints of the Service ${service.namespace}/${service.name}, which has no selector, were not read`,
        )
      : endpoints.map((address) => addressPeer(address));
  });
}

/** Ports of the pods behind a Service: `targetPort`, by number or by name. */
export function targetPortsOf({ spec }: Service): PortMatch {
  const listed = items(spec['ports']).map((item) => {
    const { protocol, port, targetPort } = fields(item);
    return { protocol: PROTOCOLS.find((one) => one === protocol) ?? ('TCP' as const), port: targetPort ?? port };
  });
  return {
    numbers: listed
      .flatMap(({ protocol, port }) => (typeof port === 'number' ? [ports(protocol, port, port)] : []))
      .reduce(union, NO_PORTS),
    names: listed.flatMap(({ protocol, port }) => (typeof port === 'string' ? [{ protocol, name: port }] : [])),
  };
}
