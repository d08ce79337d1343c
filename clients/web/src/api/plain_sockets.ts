/** aws-amplify opens `wss` whatever the address of the API is; a laptop's has no certificate that a browser knows. */
export function openPlainSockets(): void {
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(String(url).replace(/^wss:\/\/(127\.0\.0\.1|localhost)\b/, 'ws://$1'), protocols);
    }
  };
}
