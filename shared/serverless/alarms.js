// Whom every alarm reaches, and the runbook in docs/runbooks that says what to do. Packaging fails for an alarm without a line.
//
// page: money stands still or players are refused, now; somebody is woken. ticket: it can wait for the next working day, because it
// mends itself, because nothing of a player's is at stake, or because the next step is a person's decision in office hours.
//
// `*` stands for any beginning of a name. A service's own lines come before everybody's.
'use strict';

const page = (runbook) => ({ severity: 'page', runbook });
const ticket = (runbook) => ({ severity: 'ticket', runbook });

module.exports = {
  '': {
    '*DeadLetterAlarm': page('dead_letters'),
    StreamFailureAlarm: page('dead_letters'),
    MessageStuckAlarm: page('dead_letters'),
    '*AgeAlarm': page('queue_is_late'),
    StreamAgeAlarm: page('stream_behind'),
    OutboxSilentAlarm: page('stream_behind'),
    BusSilentAlarm: page('stream_behind'),
    '*AbsentAlarm': ticket('schedule_missed'),
    ConfigurationAlarm: page('function_fails'),
    // A queue's or a stream's function is tried again, and pages by what then waits; behind these somebody waits.
    '*ErrorsAlarm': ticket('function_fails'),
    GraphqlErrorsAlarm: page('function_fails'),
    ApiErrorsAlarm: page('function_fails'),
    '*ThrottlesAlarm': ticket('function_fails'),
    GraphqlThrottlesAlarm: page('function_fails'),
    ApiThrottlesAlarm: page('function_fails'),
    '*DurationAlarm': ticket('function_fails'),
    '*FailuresAlarm': page('api_fails'),
    '*LatencyAlarm': page('api_fails'),
    CallerRefusedAlarm: page('api_fails'),
    TableThrottlesAlarm: ticket('api_fails'),
    FirewallAlarm: ticket('firewall_blocks'),
  },
  users: {
    CognitoErrorsAlarm: page('function_fails'),
    CognitoThrottlesAlarm: page('function_fails'),
    CodeNotSentAlarm: page('codes_not_sent'),
    SmsFailureAlarm: page('codes_not_sent'),
    SmsSpendAlarm: page('codes_not_sent'),
    // Sign-ups that stay are worthless to whoever made them.
    UnprovenDeadLetterAlarm: ticket('dead_letters'),
    UnprovenAgeAlarm: ticket('queue_is_late'),
    // The trail of what staff did is late; nothing of it is lost.
    ActsDeadLetterAlarm: ticket('dead_letters'),
    ActsAgeAlarm: ticket('queue_is_late'),
  },
  wallet: {
    LedgerAlarm: page('books_do_not_balance'),
    ReconcileFailureAlarm: ticket('books_do_not_balance'),
  },
  bet: {
    TradingErrorsAlarm: page('function_fails'),
    TradingThrottlesAlarm: page('function_fails'),
    MarketChangeFailedAlarm: page('market_alarms'),
    ExposureNearLimitAlarm: ticket('market_alarms'),
    BetSetAsideAlarm: ticket('market_alarms'),
  },
  payment: {
    ConfigurationAlarm: page('mpesa_down'),
    NeedsOperatorAlarm: page('stuck_withdrawal'),
    UnresolvedAlarm: ticket('stuck_withdrawal'),
    UtilityLowAlarm: page('stuck_withdrawal'),
    ReviewWaitsAlarm: ticket('stuck_withdrawal'),
    DecisionWaitsAlarm: ticket('stuck_withdrawal'),
    SuspenseWaitsAlarm: ticket('reconciliation'),
    CallbackForgedAlarm: ticket('mpesa_gate'),
    CallbackQuarantinedAlarm: ticket('mpesa_gate'),
    CallbackSourceAlarm: ticket('mpesa_gate'),
    CallbackFloodAlarm: ticket('mpesa_gate'),
    '*RefusalsAlarm': ticket('mpesa_gate'),
    '*FailuresAlarm': page('mpesa_gate'),
    '*LatencyAlarm': ticket('mpesa_gate'),
    ValidationErrorsAlarm: page('mpesa_gate'),
    ValidationThrottlesAlarm: page('mpesa_gate'),
    PullFailedAlarm: ticket('mpesa_down'),
    PullUnreadableAlarm: ticket('mpesa_down'),
    PasswordAgeAlarm: ticket('mpesa_down'),
    PasswordUndatedAlarm: ticket('mpesa_down'),
  },
  // Nobody's money waits for what a player is told.
  notifications: {
    '*DeadLetterAlarm': ticket('dead_letters'),
    StreamFailureAlarm: ticket('dead_letters'),
    MessageStuckAlarm: ticket('dead_letters'),
    '*AgeAlarm': ticket('queue_is_late'),
    StreamAgeAlarm: ticket('stream_behind'),
    OutboxSilentAlarm: ticket('stream_behind'),
    BusSilentAlarm: ticket('stream_behind'),
    GraphqlErrorsAlarm: ticket('function_fails'),
    GraphqlThrottlesAlarm: ticket('function_fails'),
    ConfigurationAlarm: ticket('function_fails'),
  },
  'frontend-api': {
    BusSilentAlarm: ticket('stream_behind'),
    '*DeadLetterAlarm': ticket('dead_letters'),
    MessageStuckAlarm: ticket('dead_letters'),
    '*AgeAlarm': ticket('queue_is_late'),
  },
};
