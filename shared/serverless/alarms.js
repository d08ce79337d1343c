// Alarms that are a line, and whom every alarm reaches.
//
// page: money stands still or players are refused, now; somebody is woken. ticket: it can wait for the next working day, because it
// mends itself, because nothing of a player's is at stake, or because the next step is a person's decision in office hours. Either
// names the runbook in docs/runbooks that says what to do. Packaging fails for an alarm without such a line.
//
// A service's own lines stand in its `custom.defaults.alarms` and come before everybody's, which stand here. `*` stands for any
// beginning of a name. A line with `says` makes an alarm; one without is about alarms that are made anyway:
//
//   alarms:
//     PullFailed: {says: what it means, ticket: mpesa_down}       the sum of what our code counts under the alarm's name, above 0 in 5 minutes
//     PasswordAge: {says: …, metric: InitiatorPasswordAgeDays, stat: Maximum, minutes: 1440, above: 80, ticket: mpesa_down}
//     SmsFailure: {says: …, namespace: AWS/SNS, metric: SMSSuccessRate, dimensions: {Country: KE}, stat: Average, minutes: 15, periods: 2, below: 0.8, …}
//     UtilityLow: {says: …, below: 200000, missing: breaching, …}  and rings too when nothing was counted
//     "*DeadLetter": {ticket: dead_letters}
'use strict';

const page = (runbook) => ({ page: runbook });
const ticket = (runbook) => ({ ticket: runbook });

const EVERYBODYS = {
  '*DeadLetter': page('dead_letters'),
  StreamFailure: page('dead_letters'),
  MessageStuck: page('dead_letters'),
  '*Age': page('queue_is_late'),
  StreamAge: page('stream_behind'),
  OutboxSilent: page('stream_behind'),
  BusSilent: page('stream_behind'),
  '*Absent': ticket('schedule_missed'),
  Configuration: page('function_fails'),
  // A queue's or a stream's function is tried again, and pages by what then waits; behind these somebody waits.
  '*Errors': ticket('function_fails'),
  GraphqlErrors: page('function_fails'),
  ApiErrors: page('function_fails'),
  '*Throttles': ticket('function_fails'),
  GraphqlThrottles: page('function_fails'),
  ApiThrottles: page('function_fails'),
  '*Duration': ticket('function_fails'),
  '*Failures': page('api_fails'),
  '*Latency': page('api_fails'),
  '*KeyEnds': ticket('api_fails'),
  '*KeyLastWeek': page('api_fails'),
  CallerRefused: page('api_fails'),
  TableThrottles: ticket('api_fails'),
  Firewall: ticket('firewall_blocks'),
};

const WORDS = ['says', 'metric', 'namespace', 'dimensions', 'stat', 'minutes', 'periods', 'above', 'below', 'missing', 'page', 'ticket'];

// Throws a sentence for a line that means nothing.
function checked(name, line, service) {
  const unknown = Object.keys(line).filter((word) => !WORDS.includes(word));
  if (unknown.length) throw new Error(`${service}: the alarm ${name} has ${unknown.join(', ')}, which mean nothing there.`);
  if (Boolean(line.page) === Boolean(line.ticket)) throw new Error(`${service}: the alarm ${name} needs either page or ticket, with a runbook.`);
  if ('above' in line && 'below' in line) throw new Error(`${service}: the alarm ${name} is either above or below.`);
  return line;
}

/** The alarms that a service declares. */
const declared = (own = {}, { service, alarm, ours }) => Object.fromEntries(
  Object.entries(own).filter(([name, line]) => checked(name, line, service).says).map(([name, line]) => {
    const { says, metric = name, namespace = 'Betsafi', dimensions = namespace === 'Betsafi' ? ours : {}, stat = 'Sum', minutes = 5, periods = 1 } = line;
    return [`${name}Alarm`, alarm(says, namespace, metric, dimensions, {
      Statistic: stat,
      Period: 60 * minutes,
      EvaluationPeriods: periods,
      ...('below' in line ? { Threshold: line.below, ComparisonOperator: 'LessThanThreshold' } : { Threshold: line.above || 0 }),
      ...(line.missing && { TreatMissingData: line.missing }),
    })];
  }),
);

/** Whom an alarm reaches and its runbook: the longest pattern that fits, the service's own first. Throws a sentence where none does. */
function lineOf(service, own, id) {
  const name = id.replace(/Alarm$/, '');
  for (const lines of [own, EVERYBODYS]) {
    const fits = Object.keys(lines).filter((pattern) => (pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern));
    if (fits.length) {
      const line = lines[fits.sort((a, b) => b.length - a.length)[0]];
      return line.page ? { severity: 'page', runbook: line.page } : { severity: 'ticket', runbook: line.ticket };
    }
  }
  throw new Error(`${service}: ${id} reaches nobody and has no runbook; give it a line in custom.defaults.alarms.`);
}

module.exports = { EVERYBODYS, declared, lineOf };
