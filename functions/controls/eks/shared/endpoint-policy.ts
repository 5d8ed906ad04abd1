import type { EksEndpoint } from '#domain/evidence/eks-network.ts';
import { type Decision, decide, parsePolicy, type Request } from '#domain/iam-policy.ts';
import type { Fix } from '#domain/verdict.ts';
import { changePolicy } from './endpoint-fix.ts';
import { defect, type EndpointContext, type Usability, unknownUse } from './endpoint-use.ts';

interface Needed {
  /** Without any of these nothing works. */
  readonly essential: readonly Request[];
  /** Asked for beside them by what usually runs on nodes. */
  readonly usual: readonly Request[];
}

const on = (resource: string | undefined, ...actions: string[]): readonly Request[] =>
  actions.map((action) => ({ action, resource }));

/**
 * What nodes ask of each service. Sources: ECR user guide, VPC endpoints (minimum bucket permission) and AmazonEC2ContainerRegistryPullOnly; EKS user guide,
 * AmazonEKS_CNI_Policy and node bootstrap (November 2026).
 */
function neededOf({ service, evidence: { partition, region } }: EndpointContext): Needed {
  const base = service.replace(/-fips$/, '');
  switch (base) {
    case 's3':
      return {
        essential: on(`arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`, 's3:GetObject'),
        usual: [],
      };
    case 'ecr.api':
      return { essential: on(undefined, 'ecr:GetAuthorizationToken'), usual: [] };
    case 'ecr.dkr':
      return { essential: on(undefined, 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'), usual: [] };
    case 'ec2':
      return {
        essential: on(undefined, 'ec2:DescribeInstances'),
        usual: on(
          undefined,
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeInstanceTypes',
          'ec2:DescribeSubnets',
          'ec2:CreateNetworkInterface',
          'ec2:AttachNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:ModifyNetworkInterfaceAttribute',
        ),
      };
    case 'eks-auth':
      return { essential: on(undefined, 'eks-auth:AssumeRoleForPodIdentity'), usual: [] };
    case 'sts':
      return { essential: on(undefined, 'sts:AssumeRoleWithWebIdentity'), usual: [] };
    default:
      // What is called there is not known: everything is needed for a PASS, and anything at all is enough against a FAIL.
      return { essential: [], usual: on(undefined, `${PREFIX[base] ?? base.split('.')[0]}:*`) };
  }
}

/** Where the actions of a service have another prefix than PrivateLink's name. */
const PREFIX: Readonly<Record<string, string>> = { monitoring: 'cloudwatch', ssmmessages: 'ssmmessages' };

/** Decided by the requests that nodes make. A statement with a condition, or about single principals or resources, may apply or not. */
export function judgePolicy(endpoint: EksEndpoint, context: EndpointContext): Usability | undefined {
  const { id, policy: document } = endpoint;
  if (document.state === 'absent') return undefined;
  if (document.state === 'malformed') return unknownUse('malformed-answer', `${id} has the policy ${document.raw}`);
  const policy = parsePolicy(document.value);
  if (policy === undefined) return unknownUse('malformed-answer', `the policy of ${id} is not a policy document`);
  if (!policy.some(({ statement }) => statement.Effect === 'Allow'))
    return shut(endpoint, document.value, `the policy of ${id} allows nothing: it has no Allow`, context);
  const needed = neededOf(context);
  const decided = [...needed.essential, ...needed.usual].map((request) => ({
    request,
    decision: decide(policy, request),
  }));
  const refused = decided.find(
    ({ request, decision }) => decision.kind === 'denied' && needed.essential.includes(request),
  );
  if (refused !== undefined)
    return shut(endpoint, document.value, lineOf(endpoint, refused), context, refused.decision);
  const open = decided.find(({ decision }) => decision.kind !== 'allowed');
  return open === undefined ? undefined : unknownUse('undecidable', lineOf(endpoint, open));
}

interface Decided {
  readonly request: Request;
  readonly decision: Decision;
}

function lineOf({ id }: EksEndpoint, { request: { action, resource }, decision }: Decided): string {
  const what = resource === undefined ? action : `${action} on ${resource}`;
  if (decision.kind === 'depends')
    return `whether the policy of ${id} allows ${what} depends on its statement ${decision.on}`;
  return decision.kind === 'denied' && decision.by !== undefined
    ? `the policy of ${id} denies ${what} by its statement ${decision.by}`
    : `the policy of ${id} does not allow ${what}`;
}

/** Adds what is missing to the document as it stands: nobody else loses anything. A Deny has to be narrowed by whoever wrote it. */
function shut(
  endpoint: EksEndpoint,
  document: string,
  line: string,
  context: EndpointContext,
  decision?: Decision,
): Usability {
  const { essential } = neededOf(context);
  const resource = essential[0]?.resource ?? '*';
  const statement = {
    Sid: 'NodesOfTheCluster',
    Effect: 'Allow',
    Principal: '*',
    Action: essential.length === 0 ? '*' : essential.map(({ action }) => action),
    Resource: resource,
  };
  const fix: Fix = changePolicy(endpoint, document, statement, {
    ...context,
    denied: decision?.kind === 'denied' ? decision.by : undefined,
  });
  return defect('endpoint-policy', line, fix);
}
