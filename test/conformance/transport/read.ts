import { type ProviderName, readerOf, scan } from '#test/collectors/transport/readers.ts';

/** Scans one cloud in a process of its own, and prints what it found with the most memory that the process had: `read.ts <provider> <url>`. */
const [provider, url] = process.argv.slice(2) as [ProviderName, string];
const outcome = await scan(await readerOf(provider, url));
process.stdout.write(JSON.stringify({ ...outcome, megabytes: process.resourceUsage().maxRSS / 1024 }));
process.exit(0);
