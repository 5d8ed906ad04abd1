/** Outbound types that leave through NAT, in lower case; `managedNATGatewayV2` only in previews of 2026 (AKS documentation, egress-outboundtype). */
const NAT_GATEWAYS = ['managednatgateway', 'managednatgatewayv2', 'userassignednatgateway'];

export function isNatGateway(outboundType: string | undefined): boolean {
  return outboundType !== undefined && NAT_GATEWAYS.includes(outboundType.toLowerCase());
}
