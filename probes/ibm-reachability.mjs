#!/usr/bin/env node
// Tries the API server of one cluster from inside the private network and prints the result that `ibm.probes` reads:
//   node ibm-reachability.mjs CLUSTER_ID https://c1.private.jp-tok.containers.cloud.ibm.com:28679
// A completed TLS handshake is a connection; nothing is sent and no certificate is trusted. Needs Node 20 and nothing else.
import { isIP } from 'node:net';
import { connect } from 'node:tls';

const TIMEOUT_MS = 5_000;

const [cluster, address] = process.argv.slice(2);
// URL.parse came with Node 22; virtual servers carry older ones.
const url = URL.canParse(address ?? '') ? new URL(address) : undefined;
if (cluster === undefined || url === undefined || url.protocol !== 'https:') {
  console.error('usage: ibm-reachability.mjs CLUSTER_ID https://HOST:PORT');
  process.exitCode = 1;
} else {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const socket = connect({
    host,
    port: Number(url.port || 443),
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  let told = false;
  const report = (connected) => {
    if (told) return;
    told = true;
    clearTimeout(late);
    socket.destroy();
    console.log(JSON.stringify({ cluster, address: url.href, connected, at: new Date().toISOString() }));
  };
  // Over the whole attempt: a host that accepts and then says nothing is no API server either.
  const late = setTimeout(() => report(false), TIMEOUT_MS);
  socket.once('secureConnect', () => report(true));
  socket.once('error', () => report(false));
}
