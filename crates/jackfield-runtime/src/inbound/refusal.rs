//! Reasons why a token is refused.

use std::fmt;

/// The reason why a token is refused. No variant contains a part of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenRefusal {
    /// It is longer than tokens may be.
    TooLong,
    /// It has neither the form of a signed token nor that of a named one.
    Form,
    /// Its header is not a JSON object of the expected types without duplicate members.
    Header,
    /// Its header names a critical extension, a key of its own, or a nested token.
    HeaderMember,
    /// Its `typ` is that of another kind of token.
    Type,
    /// Its algorithm is not allowed.
    Algorithm,
    /// The issuer has no key of that id for that algorithm.
    Key,
    /// The signature is wrong.
    Signature,
    /// Its claims are not a JSON object of the expected types without duplicate members.
    Claims,
    /// It is by another issuer.
    Issuer,
    /// It is for another audience.
    Audience,
    /// It has no subject that can be used as a name.
    Subject,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It is bound to a key, and so cannot be used alone.
    Bound,
    /// No named token has this text: it never existed, or it was revoked.
    Unknown,
}

impl TokenRefusal {
    /// The text for the client, which may stand in a quoted string of a header.
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::TooLong => "the token is too long",
            Self::Form => "the token is neither a signed JWT nor a named token",
            Self::Header => "the header of the token is malformed",
            Self::HeaderMember => "the header of the token has a member that is not supported",
            Self::Type => "the typ of the token is not that of an access token",
            Self::Algorithm => "the algorithm of the token is not allowed",
            Self::Key => "the issuer has no key for the token",
            Self::Signature => "the signature of the token is wrong",
            Self::Claims => "the claims of the token are malformed",
            Self::Issuer => "the token is by another issuer",
            Self::Audience => "the token is for another audience",
            Self::Subject => "the token names no usable subject",
            Self::Expired => "the token has expired",
            Self::NotYetValid => "the token is not valid yet",
            Self::Bound => "the token is bound to a key of its client",
            Self::Unknown => "the token is unknown or revoked",
        }
    }
}

impl fmt::Display for TokenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.description())
    }
}

impl std::error::Error for TokenRefusal {}
