import type { EksSpec } from './model.ts';
import { type Answer, type Call, elb, isClassic } from './wire.ts';

/** One application balancer per cluster that has a public Ingress, as the load balancer controller makes and tags it. */
export function balancerAnswer(call: Call, clusters: readonly EksSpec[]): Answer {
  const action = call.api.slice('elasticloadbalancing:'.length);
  const exposed = clusters.filter(({ publicIngress }) => publicIngress !== '');
  const arn = (kind: string, { name }: EksSpec) =>
    `arn:aws:elasticloadbalancing:${call.region}:${call.account}:${kind}/k8s-${name}/1`;
  const balancer = (spec: EksSpec) => arn('loadbalancer/app', spec);
  switch (action) {
    case 'DescribeLoadBalancers':
      return isClassic(call)
        ? elb(action, { LoadBalancerDescriptions: [] })
        : elb(action, {
            LoadBalancers: exposed.map((spec) => ({
              LoadBalancerArn: balancer(spec),
              LoadBalancerName: `k8s-${spec.name}`,
              Type: 'application',
              Scheme: 'internet-facing',
              VpcId: `vpc-${spec.name}`,
              AvailabilityZones: [{ SubnetId: `subnet-${spec.name}-a` }, { SubnetId: `subnet-${spec.name}-b` }],
            })),
          });
    case 'DescribeTags':
      return elb(action, {
        TagDescriptions: exposed.map((spec) => ({
          ResourceArn: balancer(spec),
          Tags: [
            { Key: 'elbv2.k8s.aws/cluster', Value: spec.name },
            { Key: 'ingress.k8s.aws/stack', Value: spec.publicIngress },
          ],
        })),
      });
    case 'DescribeTargetGroups':
      return elb(action, {
        TargetGroups: exposed.map((spec) => ({
          TargetGroupArn: arn('targetgroup', spec),
          TargetType: 'ip',
          LoadBalancerArns: [balancer(spec)],
        })),
      });
    default:
      return elb(action, { TargetHealthDescriptions: [{ Target: { Id: '10.0.0.20', Port: 8080 } }] });
  }
}
