//! Sets each credential in a request, and refuses values that cannot be sent.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jackfield_recipe::{Location, WireSlot};

use super::credential::Credential;
use crate::call::outgoing::Outgoing;
use crate::call::rows::{Scheme, SchemeKind};
use crate::common::secret::{Secret, Secrets};
use crate::transport::tls::TlsError;

/// The header of tokens and of Basic credentials.
const AUTHORIZATION: (Location, &str) = (Location::Header, WireSlot::AUTHORIZATION);

/// Adds a credential to a request. Digest credentials and client certificates are skipped: a digest is computed
/// later for each request, and a certificate belongs to the connection.
pub(super) fn place(
    scheme: &Scheme<'_>,
    credential: &Credential,
    outgoing: &mut Outgoing,
    secrets: &mut Secrets,
) {
    let word = |usual: &'static str| {
        scheme.prefix.map_or(Cow::Borrowed(usual), |prefix| Cow::Owned(prefix.to_owned()))
    };
    match credential {
        Credential::Token(token) => {
            let token = without_prefix(scheme, token);
            secrets.push(token.clone());
            outgoing.authenticate(AUTHORIZATION, word("Bearer "), token);
        }
        Credential::Password { password, .. } if scheme.kind == SchemeKind::Digest => {
            secrets.push(password.clone());
            outgoing.clear(WireSlot::AUTHORIZATION);
        }
        Credential::Password { username, password } => {
            let pair = password.map(|password| STANDARD.encode(format!("{username}:{password}")));
            secrets.push(password.clone());
            secrets.push(pair.clone());
            outgoing.authenticate(AUTHORIZATION, word("Basic "), pair);
        }
        Credential::Key(key) => {
            secrets.push(key.clone());
            outgoing.authenticate(scheme.kind.parameter().unwrap_or(AUTHORIZATION), word(""), key.clone());
        }
        Credential::Certificate { key, .. } => secrets.push(key.clone()),
    }
}

/// The reason why a credential cannot be sent. It does not contain the credential.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum UnfitCredential {
    /// The username contains a colon.
    Colon,
    ControlCharacter,
    LineBreak,
    Character,
    Semicolon,
    Blank,
    Certificate(TlsError),
}

impl fmt::Display for UnfitCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Colon => "the user name contains a colon, which separates it from the password",
            Self::ControlCharacter => "the value contains a line break or another control character",
            Self::LineBreak => "the value contains a line break, which would end the header",
            Self::Character => {
                "the value contains a character that a header cannot carry; extra text may have been copied with it"
            }
            Self::Semicolon => "the value contains a `;`, which would end the cookie",
            Self::Blank => "the value begins or ends with a space, which HTTP removes from a header",
            Self::Certificate(error) => return error.fmt(f),
        })
    }
}

/// Returns the reason why a credential cannot be sent, or `None` if it can be sent.
pub(super) fn unfit(scheme: &Scheme<'_>, credential: &Credential) -> Option<UnfitCredential> {
    let slot = scheme.kind.slot();
    match credential {
        Credential::Password { username, .. }
            if scheme.kind != SchemeKind::Digest && username.contains(':') =>
        {
            Some(UnfitCredential::Colon)
        }
        Credential::Password { username, password } => [username, password.expose()]
            .iter()
            .any(|text| text.chars().any(char::is_control))
            .then_some(UnfitCredential::ControlCharacter),
        Credential::Token(text) | Credential::Key(text) => {
            let text = text.expose();
            let is_plain = |c: char| matches!(c, ' '..='~' | '\t');
            match () {
                () if !slot.is_in_header() => None,
                () if text.contains(['\r', '\n']) => Some(UnfitCredential::LineBreak),
                () if !text.chars().all(is_plain) => Some(UnfitCredential::Character),
                () if slot.is_cookie() && text.contains(';') => Some(UnfitCredential::Semicolon),
                () if text.trim() != text => Some(UnfitCredential::Blank),
                () => None,
            }
        }
        Credential::Certificate { .. } => None,
    }
}

/// Removes a leading `Bearer `. Users often copy it together with the token, and the connector adds it itself. A token contains no space,
/// so this prefix is never a part of a token.
fn without_prefix(scheme: &Scheme<'_>, token: &Secret) -> Secret {
    let prefix = scheme.prefix.unwrap_or("Bearer ").trim_end();
    let bare = token.expose().trim_start().split_once(' ').and_then(|(first, rest)| {
        let rest = rest.trim();
        (first.eq_ignore_ascii_case(prefix) && !rest.is_empty() && !rest.contains(' ')).then_some(rest)
    });
    match bare {
        Some(bare) => token.map(|_| bare.to_owned()),
        None => token.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::Scheme;

    #[test]
    fn token_with_bearer_prefix_is_sent_without_it() {
        static PLAIN: Scheme = Scheme::bearer("token");
        static OWN: Scheme = Scheme::bearer("token").prefix("Token ");
        let bare =
            |scheme, text: &str| without_prefix(scheme, &Secret::new(text.to_owned())).expose().to_owned();
        for text in ["abc", "Bearer abc", "bearer  abc "] {
            assert_eq!(bare(&PLAIN, text), "abc", "{text}");
        }
        assert_eq!(bare(&OWN, "Token abc"), "abc");
        for text in ["Bearer", "Bearer ", "Bearer a b", "Basic abc"] {
            assert_eq!(bare(&PLAIN, text), text);
        }
        assert_eq!(bare(&OWN, "Bearer abc"), "Bearer abc");
    }
}
