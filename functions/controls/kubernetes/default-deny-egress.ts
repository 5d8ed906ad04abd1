import { defaultDenyControl } from './default-deny.ts';

export default defaultDenyControl('egress', 'MEDIUM');
