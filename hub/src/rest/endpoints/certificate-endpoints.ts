import { Fault } from "@gridledger/protocol/faults";
import type { CertificateAuthority } from "../../ca/certificate-authority.ts";
import type { CaDeps } from "../ca-deps.ts";
import { authorities, crl, revokeAuthority } from "./authorities.ts";
import {
  approveRequest,
  rejectRequest,
  request,
  requests,
  submitRequest,
} from "./certificate-requests.ts";
import { certificate, certificates, renewCertificate, revokeCertificate } from "./certificates.ts";
import { createEnrolmentCode, enrolmentCodes } from "./enrolment-codes.ts";

export interface CertificateDeps {
  /** Undefined on a hub that runs none. */
  readonly authority: CertificateAuthority | undefined;
  readonly now: () => number;
}

/** The endpoints of the certificate authority. */
export function certificateEndpoints({ authority, now }: CertificateDeps) {
  const ca = () => {
    if (authority === undefined) throw new Fault("CA_ABSENT");
    return authority;
  };
  const deps: CaDeps = { ca, now };
  return {
    authorities: authorities(deps),
    revokeAuthority: revokeAuthority(deps),
    crl: crl(deps),
    certificates: certificates(deps),
    certificate: certificate(deps),
    revokeCertificate: revokeCertificate(deps),
    renewCertificate: renewCertificate(deps),
    certificateRequests: requests(deps),
    submitCertificateRequest: submitRequest(deps),
    certificateRequest: request(deps),
    approveCertificateRequest: approveRequest(deps),
    rejectCertificateRequest: rejectRequest(deps),
    enrolmentCodes: enrolmentCodes(deps),
    createEnrolmentCode: createEnrolmentCode(deps),
  };
}
