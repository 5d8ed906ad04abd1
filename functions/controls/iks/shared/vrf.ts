/** What a conversion to VRF does. Sources: IBM Cloud account documentation, VRF and service endpoints; frequently asked questions about VRF. */
export const VRF_CONSEQUENCES: readonly string[] = [
  'VRF cannot be undone. Afterwards every VLAN and subnet of the account reaches every other: separate what must not meet with gateway appliances or security groups first.',
  'It is incompatible with the IPsec VPN of classic infrastructure: move such tunnels before.',
  'VLAN spanning that was set up by hand has to be off before the conversion; VRF takes its place.',
  'The console converts most accounts at once. A few need a support case, and then 15 to 30 minutes with packet loss on the private network: agree on a time.',
];
