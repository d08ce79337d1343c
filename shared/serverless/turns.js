// In a service's folder one command at a time packages, deploys or removes: one that comes meanwhile waits for its turn.
//
// The framework keeps what it packages in the folder's .serverless, and `sls deploy` reads from there what it is about to deploy. Another
// command would take that away beside it or put its own in its place, even that of another stage.
//
// The folder is locked by flock, which the system lifts however its holder ends. Node has none: a process of Python holds the lock, until the
// other end of its input, this process, is gone.
'use strict';
const { spawn } = require('node:child_process');

const TAKES_TURNS = ['package', 'deploy', 'remove'];

const HOLD = `
import fcntl, os, sys
folder = os.open(".", os.O_RDONLY)
try:
    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("taken", flush=True)
    fcntl.flock(folder, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
`;

/** Resolves once this process alone has the folder, and keeps it until it ends. `taken` is called if another has it. */
function turn(folder, taken) {
  return new Promise((resolve, reject) => {
    const python = process.env.PYTHON_BIN || 'python3';
    const failed = (why) => reject(new Error(`${python} could not lock ${folder}: ${why}`));
    // Detached, for Ctrl-C is for this process, which may clean up after it.
    const holder = spawn(python, ['-c', HOLD], { cwd: folder, detached: true });
    let said = '';
    let complaint = '';
    holder.stdout.on('data', (text) => {
      if (!said && `${text}`.startsWith('taken')) taken();
      said += text;
      if (!said.endsWith('held\n')) return;
      // From now on none of them keeps this process from ending.
      for (const one of [holder, holder.stdin, holder.stdout, holder.stderr]) one.unref();
      resolve();
    });
    holder.stderr.on('data', (text) => { complaint += text; });
    holder.on('error', ({ message }) => failed(message));
    holder.on('close', (code) => failed(complaint.trim() || `it ended with ${code}`));
  });
}

/** Waits until no other command works in the service's folder. */
exports.take = async ({ processedInput: { commands: [command] }, serviceDir }, log) => {
  if (!TAKES_TURNS.includes(command)) return;
  await turn(serviceDir, () => log.notice(`Another command works in ${serviceDir}: this one waits until it has ended.`));
};
