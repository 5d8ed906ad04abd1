import { expect, test } from 'vitest';
import { hostKind } from '#controls/iks/shared/host.ts';

const ID = 'c8k2p1rt0d5vq3m7n4sa';

test.each([
  ['https://c1.private.jp-tok.containers.cloud.ibm.com:28679', 'private'],
  ['https://c105-e.private.us-south.containers.cloud.ibm.com:31234', 'private'],
  ['https://C1.PRIVATE.JP-TOK.containers.cloud.ibm.com', 'private'],
  ['https://c1.private.sjc03.containers.cloud.ibm.com:28679', 'private'],
  ['https://c1.private.jp-tok.containers.cloud.ibm.com.:28679', 'private'],
  [`https://${ID}.vpe.private.jp-tok.containers.cloud.ibm.com:31222`, 'private'],
  [`https://${ID}.private.jp-tok.containers.cloud.ibm.com:31222`, 'private'],
  ['https://c1.jp-tok.containers.cloud.ibm.com:28679', 'public'],
  ['https://c1-e.us-south.containers.cloud.ibm.com:28679', 'public'],
  ['https://c1.private.us-south.containers.cloud.ibm.com.example.org', 'unrecognised'],
  ['https://c1.us-south.containers.cloud.ibm.com/.private.', 'public'],
  ['https://c1.us-south.containers.cloud.ibm.com?x=private', 'public'],
  ['https://c1.private.us-south.containers.cloud.ibm.com@example.org', 'malformed'],
  ['https://xcontainers.cloud.ibm.com', 'unrecognised'],
  ['https://private.containers.cloud.ibm.com', 'unrecognised'],
  ['https://c-02.jp-tok.link.satellite.cloud.ibm.com:40000', 'satellite'],
  ['', 'empty'],
  ['http://[', 'malformed'],
] as const)('%s is %s', (address, kind) => {
  expect(hostKind(address)).toBe(kind);
});
