//! The reasons why a token is refused.

use std::fmt;

/// The reason why a token is refused. No variant contains a part of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenRefusal {
    /// The token exceeds the maximum length.
    TooLong,
    /// The text has neither the form of a signed token nor the form of a named token.
    Form,
    /// The header of the token is not a JSON object, has members of unexpected types, or has duplicate members.
    Header,
    /// The header of the token contains a critical extension, a key, or a nested token.
    HeaderMember,
    /// The `typ` of the token is not the type of an access token.
    Type,
    /// The algorithm of the token is not allowed.
    Algorithm,
    /// The issuer has no key for the key id and the algorithm of the token.
    Key,
    /// The signature is wrong.
    Signature,
    /// The claims are not a JSON object, have members of unexpected types, or have duplicate members.
    Claims,
    /// Another issuer issued the token.
    Issuer,
    /// The token was issued for another audience.
    Audience,
    /// The token has no subject that can be used as a name.
    Subject,
    /// The token has expired.
    Expired,
    /// The token is not valid yet.
    NotYetValid,
    /// The token is bound to a key, so it cannot be used without a proof of possession of the key.
    Bound,
    /// The store has no such named token: it never existed, or it was revoked.
    Unknown,
}

impl TokenRefusal {
    /// Returns the text for the client. The text contains neither quotes nor backslashes, so it can be part of a
    /// quoted string in a header.
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::TooLong => "the token is too long",
            Self::Form => "the token is neither a signed JWT nor a named token",
            Self::Header => "the header of the token is malformed",
            Self::HeaderMember => "the header of the token has a member that is not supported",
            Self::Type => "the typ of the token is not the type of an access token",
            Self::Algorithm => "the algorithm of the token is not allowed",
            Self::Key => "the issuer has no key for the token",
            Self::Signature => "the signature of the token is wrong",
            Self::Claims => "the claims of the token are malformed",
            Self::Issuer => "the token was issued by another issuer",
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
