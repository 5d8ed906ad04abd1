import { defaultDenyControl } from './default-deny.ts';

export default defaultDenyControl('ingress', 'HIGH');
