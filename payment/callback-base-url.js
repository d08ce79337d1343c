// The address that M-Pesa is to call: our own domain, or (on the laptop) the local cloud's short /cb proxy.
'use strict';

module.exports = async ({ resolveConfigurationProperty }) => {
  const { callbackDomain, callbackBaseUrl } = await resolveConfigurationProperty(['custom', 'here']);
  return callbackDomain ? `https://${callbackDomain}` : callbackBaseUrl;
};
