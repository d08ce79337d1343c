// Where a website is reached: its own domain, or CloudFront's. Merged into website.yml.
'use strict';
const { att } = require('./names');

module.exports = async ({ resolveConfigurationProperty }) => {
  const { domain, certificate } = await resolveConfigurationProperty(['custom', 'website']);
  const named = domain
    ? { Aliases: [domain], ViewerCertificate: { AcmCertificateArn: certificate, SslSupportMethod: 'sni-only', MinimumProtocolVersion: 'TLSv1.2_2021' } }
    : { ViewerCertificate: { CloudFrontDefaultCertificate: true } };
  return {
    Resources: { Site: { Type: 'AWS::CloudFront::Distribution', Properties: { DistributionConfig: named } } },
    Outputs: { SiteAddress: { Description: 'Where it is', Value: { 'Fn::Join': ['', ['https://', domain || att('Site', 'DomainName')]] } } },
  };
};
