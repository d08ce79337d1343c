import { Component } from 'react';
import type { ReactNode } from 'react';
import { Refusal } from '../api/refusal';
import { Refused } from './states';

interface State { failure: Error | null }

/** What stands in a page's place when it could not be loaded, or broke: a sentence, and a way to load it again. */
export class Boundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failure: null };

  static getDerivedStateFromError(failure: Error): State {
    return { failure };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (!failure) return this.props.children;
    // Browsers say it each in their own words; a file of ours that does not come is a lost connection, or an app that is newer now.
    const missing = /import|module|fetch/i.test(failure.message);
    const refusal = new Refusal(missing ? 'OFFLINE' : 'APP_FAILED', failure.message);
    return <Refused error={refusal} again={() => { window.location.reload(); }} />;
  }
}
