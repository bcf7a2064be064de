/** Texts about offences of validators. */
export const offencesEn = {
  title: "Offences",
  note: "Proven by the validator's own signatures. Nobody is removed by it: any validator can propose the removal.",
  validator: "Validator",
  what: "Offence",
  kinds: {
    doubleProposal: "Proposed two blocks",
    doublePrepare: "Prepared two blocks",
    doubleCommit: "Committed two blocks",
    amnesia: "Hid its own commit",
    unjustifiedProposal: "Proposed without justification",
  },
  height: "At height",
  recordedAt: "Recorded in block",
  proof: "Proof",
  download: "Download",
};
