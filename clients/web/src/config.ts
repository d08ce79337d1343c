/** Under what the browser keeps the device's id. */
export const DEVICE = 'betsafi.device';

/** What the server gives the app at its start; nothing of it is built in. */
export interface Config {
  stage: string;
  region: string;
  graphql: string;
  lobbyKey: string;
  userPoolId: string;
  clientId: string;
  /** The pool of who works here, where their desks are served too. */
  staff?: { userPoolId: string; clientId: string };
  /** Where Cognito is, if not at AWS. */
  cognito?: string;
  /** On a laptop alone: the page of each phone's M-Pesa, before its number, and the page of all SMS. */
  laptop?: { phone: string; inbox: string };
}

let known: Config | undefined;

export async function loadConfig(): Promise<void> {
  const answer = await fetch('/config.json');
  if (!answer.ok) throw new Error(`config.json: ${String(answer.status)}`);
  known = (await answer.json()) as Config;
}

/** The configuration, once it was loaded. */
export function config(): Config {
  if (!known) throw new Error('the configuration is not loaded yet');
  return known;
}
