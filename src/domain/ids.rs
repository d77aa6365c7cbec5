//! Typed identities, so that a certificate's id can never be taken for an activity's.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
    };
}

id!(
    /// A person who can sign in; holders, reviewers and administrators alike.
    AccountId
);
id!(
    /// One holder's certificate.
    CertificateId
);
id!(
    /// A reported (or drafted) CPE activity.
    ActivityId
);
id!(
    /// A proof file.
    EvidenceId
);
id!(
    /// A field of knowledge.
    FieldId
);
id!(
    /// A certification programme (field × level).
    CertificationId
);
id!(
    /// A version of the policy.
    PolicyId
);
id!(
    /// A mail in the outbox.
    MailId
);
id!(
    /// What a holder and the body write to each other about one matter.
    ConversationId
);
id!(
    /// A recorded decision about a certificate.
    DecisionId
);

/// A holder is an account with certificates; the identity is the account's.
pub type HolderId = AccountId;

/// One certification year: its certificate, and its number from the grant on.
pub type YearId = (CertificateId, i64);
