//! The addresses of an authorization server: over TLS, or on this machine.

use std::fmt;
use std::net::IpAddr;

use crate::call::encode::{Keep, escape};

/// Longer addresses are not used.
const MOST_CHARACTERS: usize = 2048;

/// An absolute address that credentials may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint(http::Uri);

impl Endpoint {
    /// # Errors
    /// Why nothing is sent there: what it is, in words that follow the address.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MOST_CHARACTERS {
            return Err(format!("an address of more than {MOST_CHARACTERS} characters is not used"));
        }
        let refuse = |why: &str| Err(format!("{text:?} {why}"));
        if !text.contains("://") {
            return refuse("is no absolute address: it has to start with https://");
        }
        let Ok(uri) = text.parse::<http::Uri>() else {
            return refuse("is no address");
        };
        let Some(authority) = uri.authority().filter(|authority| !authority.host().is_empty()) else {
            return refuse("names no host");
        };
        if authority.as_str().contains('@') {
            // Not shown: what stands there may be a password.
            return Err("an address with a name in front of its host is not used".to_owned());
        }
        if text.contains('#') {
            return refuse("has a fragment, which no such address may have");
        }
        match uri.scheme_str() {
            Some("https") => Ok(Self(uri)),
            Some("http") if is_loopback(authority.host()) => Ok(Self(uri)),
            Some("http") => refuse("is not protected by TLS: it has to start with https://"),
            _ => refuse("has to start with https://"),
        }
    }

    pub(crate) const fn uri(&self) -> &http::Uri {
        &self.0
    }

    /// The address with these pairs behind what its query has already.
    pub(crate) fn with_query(&self, pairs: &[(&str, &str)]) -> String {
        let mut address = self.0.to_string();
        for (name, value) in pairs {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(name);
            address.push('=');
            address.push_str(&escape(value, Keep::Unreserved));
        }
        address
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether the host is this machine, whoever answers questions for names.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn credentials_travel_over_tls_or_not_at_all() {
        for good in [
            "https://id.example.com/token?x=1",
            "http://127.0.0.1:9/t",
            "http://[::1]:9/",
            "http://localhost/t",
        ] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("/oauth/token", "no absolute address"),
            ("http://id.example.com/token", "TLS"),
            ("http://127.0.0.1.example.com/token", "TLS"),
            ("ftp://id.example.com/", "https://"),
            ("https://me:pw@id.example.com/", "in front of its host"),
            ("https://id.example.com/#x", "fragment"),
            ("https:///token", "no"),
            ("https://id.example.com/\r\nx", "no address"),
        ] {
            let error = Endpoint::parse(bad).unwrap_err();
            assert!(error.contains(why) && !error.contains("pw"), "{bad}: {error}");
        }
    }

    #[test]
    fn what_the_query_has_stays() {
        let address = Endpoint::parse("https://x/authorize?access_type=offline").unwrap();
        assert_eq!(
            address.with_query(&[("scope", "a b"), ("state", "s&t")]),
            "https://x/authorize?access_type=offline&scope=a%20b&state=s%26t"
        );
        assert_eq!(Endpoint::parse("https://x").unwrap().with_query(&[("a", "b")]), "https://x/?a=b");
    }
}
