import type { ShapeError } from './shape.ts';

export const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/;

export function isPort(value: unknown): value is number {
  return typeof value === 'number' && value >= 1 && value <= 65_535;
}

export function portNumberErrors(value: unknown, field: string): readonly ShapeError[] {
  if (isPort(value)) return [];
  return [
    {
      field,
      message: value === undefined || value === null ? 'must be given' : `${String(value)} is not a port: 1 to 65535`,
    },
  ];
}
