/** The certificate authority, guide §6.3.2. */
export const certificatePaths = {
  authorities: { method: "get", path: "/api/v1/ca", permission: "public" },
  revokeAuthority: {
    method: "post",
    path: "/api/v1/ca/{id}/revoke",
    permission: "certificate.revoke",
  },
  crl: { method: "get", path: "/api/v1/crl", permission: "public" },
  certificates: { method: "get", path: "/api/v1/certificates", permission: "certificate.read" },
  certificate: {
    method: "get",
    path: "/api/v1/certificates/{serial}",
    permission: "certificate.read",
  },
  revokeCertificate: {
    method: "post",
    path: "/api/v1/certificates/{serial}/revoke",
    permission: "certificate.revoke",
  },
  // The subject's signature is the right to it.
  renewCertificate: {
    method: "post",
    path: "/api/v1/certificates/{serial}/renew",
    permission: "public",
  },
  certificateRequests: {
    method: "get",
    path: "/api/v1/certificate-requests",
    permission: "certificate.approve",
  },
  // The one-time code is.
  submitCertificateRequest: {
    method: "post",
    path: "/api/v1/certificate-requests",
    permission: "public",
  },
  certificateRequest: {
    method: "get",
    path: "/api/v1/certificate-requests/{id}",
    permission: "public",
  },
  approveCertificateRequest: {
    method: "post",
    path: "/api/v1/certificate-requests/{id}/approve",
    permission: "certificate.approve",
  },
  rejectCertificateRequest: {
    method: "post",
    path: "/api/v1/certificate-requests/{id}/reject",
    permission: "certificate.approve",
  },
  enrolmentCodes: {
    method: "get",
    path: "/api/v1/enrolment-codes",
    permission: "certificate.approve",
  },
  createEnrolmentCode: {
    method: "post",
    path: "/api/v1/enrolment-codes",
    permission: "identity.enrol",
    resource: { role: "body.role" },
  },
} as const;
