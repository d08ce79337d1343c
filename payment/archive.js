// Everything that M-Pesa sends us, word for word.
'use strict';

module.exports = require('../shared/serverless/archive')('payment', 'Encrypts what M-Pesa told BETSAFI');
