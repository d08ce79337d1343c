// The operator's dashboard: money in and out, bets, exposure, what waits for people, and the age of every queue.
//
// The figures are counted by the outboxes of bet and payment when a change is published (`betsafi.telemetry.figures`), so a change that
// is published twice counts twice: they show how things go. What is right to the cent is the ledger (`python -m tools.reconcile`).
'use strict';

const { dashboard, graph, text } = require('../shared/serverless/dashboard');

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const row = (service, name, properties) => ['Betsafi', name, 'service', service, 'stage', stage, properties];
  const shillings = (title, service, names) => graph(title, names.flatMap(([name, label], n) => [
    [{ expression: `FILL(cents${n}, 0) / 100`, label, id: `shillings${n}` }],
    row(service, name, { id: `cents${n}`, visible: false, stat: 'Sum' }),
  ]), { period: 3600 });
  const numbers = (title, service, names, stat) => graph(title, names.map(([name, label]) => row(service, name, { label, stat })), { period: 3600 });
  const queues = (metric, label) => graph(label, [
    [{ expression: `SEARCH('{AWS/SQS,QueueName} MetricName="${metric}" betsafi ${stage}', 'Maximum', 300)`, id: 'queues', label: '' }],
  ], { stat: 'Maximum' }, 24);
  return {
    Resources: {
      OperatorDashboard: dashboard(`betsafi-operator-${stage}`, [
        text(`# BETSAFI (${stage})\nShillings and numbers by the hour. They are counted when a change is published; the ledger is what is right.`),
        shillings('Money in and out, KES', 'payment', [['MoneyInCents', 'in'], ['MoneyOutCents', 'out']]),
        numbers('Deposits and withdrawals', 'payment', [['MoneyInCents', 'deposits'], ['MoneyOutCents', 'withdrawals']], 'SampleCount'),
        shillings('Bets, KES', 'bet', [['StakesCents', 'stakes accepted'], ['PayoutsCents', 'payouts'], ['RefusedCents', 'stakes refused']]),
        numbers('Bets', 'bet', [['StakesCents', 'accepted'], ['PayoutsCents', 'settled'], ['RefusedCents', 'refused']], 'SampleCount'),
        graph('Exposure: the fullest selection, % of its limit on a guard (from 50 % on)', [row('bet', 'ExposureUsedPercent', { stat: 'Maximum' })],
          { yAxis: { left: { min: 0, max: 100 } } }),
        graph('Exposure: bets refused for it, selections near it', [
          row('bet', 'BetRefusedForExposure', { stat: 'Sum' }), row('bet', 'ExposureNearLimit', { stat: 'Sum' })]),
        graph('M-Pesa: what the utility account holds, KES', [row('payment', 'UtilityShillings', { stat: 'Minimum' })], { period: 1800 }),
        graph('What waits for people, minutes', ['ReviewOldestMinutes', 'DecisionOldestMinutes', 'SuspenseOldestMinutes'].map(
          (name) => row('payment', name, { stat: 'Maximum' })), { period: 1800 }),
        queues('ApproximateAgeOfOldestMessage', 'Age of every queue, seconds'),
        queues('ApproximateNumberOfMessagesVisible', 'What waits in every queue; in a dead-letter queue nothing should'),
      ]),
    },
  };
};
