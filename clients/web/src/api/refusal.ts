import { onlineManager } from '@tanstack/react-query';

/** What the API refused, or that it could not be reached. `code` is stable; `message` is the API's sentence. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'Refusal';
  }

  /** Whether the same may be asked again at once: nothing was decided. */
  get passing(): boolean {
    return ['OFFLINE', 'UNAVAILABLE', 'CONTENTION', 'INTERNAL_ERROR'].includes(this.code);
  }
}

/** Any failure as a refusal: what is none of the API's is our own fault, and says so. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal('APP_FAILED', error instanceof Error ? error.message : String(error));
}

/** Whether to ask again so many times: while nothing was decided, and where there is a network at all. */
export const whilePassing = (most: number) => (failures: number, error: Error): boolean =>
  failures < most && onlineManager.isOnline() && refusalOf(error).passing;
