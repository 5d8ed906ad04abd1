import { afterAll } from 'vitest';
import { AlertRepository } from '#storage/alert-repository.ts';
import { DeliveryRepository } from '#storage/delivery-repository.ts';
import { QueryRepository } from '#storage/query-repository.ts';
import { RunRepository } from '#storage/run-repository.ts';
import { ScanRepository } from '#storage/scan-repository.ts';
import { LOCAL_TABLE } from '../../bin/local/table.ts';
import { inProcessTable } from './in-process-table.ts';

/** A fresh table in memory with every repository on it; it ends with the test file. */
export async function freshTable() {
  const client = await inProcessTable();
  afterAll(() => client.destroy());
  return {
    client,
    scans: new ScanRepository(client, LOCAL_TABLE),
    runs: new RunRepository(client, LOCAL_TABLE),
    alerts: new AlertRepository(client, LOCAL_TABLE, 30),
    deliveries: new DeliveryRepository(client, LOCAL_TABLE, 60),
    queries: new QueryRepository(client, LOCAL_TABLE),
  };
}
