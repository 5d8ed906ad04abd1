#!/usr/bin/env node
// Tries the API server of one cluster from inside the private network and prints the result that `ibm.probes` reads:
//   node ibm-reachability.mjs CLUSTER_ID https://c1.private.jp-tok.containers.cloud.ibm.com:28679
// A completed TLS handshake is a connection; nothing is sent and no certificate is trusted.
import { connect } from 'node:tls';

const [cluster, address] = process.argv.slice(2);
const url = URL.parse(address ?? '');
if (cluster === undefined || url === null || url.protocol !== 'https:') {
  console.error('usage: ibm-reachability.mjs CLUSTER_ID https://HOST:PORT');
  process.exitCode = 1;
} else {
  const socket = connect({
    host: url.hostname,
    port: Number(url.port || 443),
    servername: url.hostname,
    rejectUnauthorized: false,
  });
  const report = (connected) => {
    socket.destroy();
    console.log(JSON.stringify({ cluster, connected, at: new Date().toISOString() }));
  };
  socket.setTimeout(5_000, () => report(false));
  socket.once('secureConnect', () => report(true));
  socket.once('error', () => report(false));
}
