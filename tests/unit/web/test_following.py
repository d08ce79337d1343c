"""How the app follows a player's updates: nothing that was asked for is shown once the player has signed out."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLLOWING = ROOT / "clients" / "web" / "src" / "api" / "following.ts"
BUILD = """
import { build } from '%(esbuild)s';
const asked = {
  name: 'asked',
  setup(bundle) {
    bundle.onResolve({ filter: /^\\.\\/ask$/ }, () => ({ path: 'ask', namespace: 'asked' }));
    const contents = 'export const ask = (...of) => globalThis.api(...of);';
    bundle.onLoad({ filter: /.*/, namespace: 'asked' }, () => ({ contents }));
  },
};
const play = `
import { follow } from '%(following)s';
const told = [];
let answer;
globalThis.api = () => new Promise((resolve) => { answer = (changes) => resolve({ changesSince: changes }); });
const none = { more: false, bets: [], payments: [], notifications: [] };
const changes = (sequence, wallet) => ({ ...none, sequence, cursor: String(sequence), wallet });
const heard = () => new Promise((resolve) => setImmediate(resolve));
const follower = follow((changed) => told.push(changed.wallet.id), () => told.push('everything'));
follower.stands(); await heard(); answer(changes(1, null)); await heard();
follower.stands(); await heard(); answer(changes(2, { id: 'mine', version: 2 })); await heard();
follower.stands(); await heard(); follower.end(); answer(changes(3, { id: 'too late', version: 3 })); await heard();
console.log(told.join());
`;
await build({
  stdin: { contents: play, resolveDir: '%(folder)s', loader: 'ts' },
  bundle: true, format: 'esm', platform: 'node', outfile: 'played.mjs', plugins: [asked],
});
"""


def test_what_was_asked_for_before_a_sign_out_is_not_shown_after_it(tmp_path: Path) -> None:
    esbuild = ROOT / "node_modules" / "esbuild" / "lib" / "main.js"
    (tmp_path / "build.mjs").write_text(
        BUILD % {"esbuild": esbuild, "following": FOLLOWING, "folder": FOLLOWING.parent}
    )
    for script in ("build.mjs", "played.mjs"):
        ran = subprocess.run(["node", script], cwd=tmp_path, check=False, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "everything,mine"
