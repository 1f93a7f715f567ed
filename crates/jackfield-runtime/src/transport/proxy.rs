//! The proxies that environment variables set, by the rules of curl.

mod exempt;

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderValue, Uri};
use jackfield_recipe::{AddressClass, percent_decode_lenient};

use self::exempt::Exempt;
use crate::common::environment::Environment;
use crate::common::secret::Secret;

/// The default port of a proxy.
const PORT: u16 = 1080;

/// The proxies of one environment. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Proxies(Option<Arc<Named>>);

#[derive(Debug)]
struct Named {
    http: Option<Result<Proxy, ProxyError>>,
    https: Option<Result<Proxy, ProxyError>>,
    exempt: Exempt,
}

/// A proxy.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(super) kind: ProxyKind,
    /// `http://HOST:PORT/`, without credentials.
    pub(super) address: Uri,
    /// The variable that sets the proxy, for messages.
    pub(super) variable: &'static str,
    pub(super) user: Option<(String, Secret)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProxyKind {
    Http,
    Socks5,
}

impl Proxies {
    /// Returns a value without any proxy.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// Reads the proxies from the variables. Lower-case names take precedence, as in curl. A CGI server converts the header `Proxy` of a
    /// request to `HTTP_PROXY`, so `HTTP_PROXY` is ignored in a CGI program.
    pub(crate) fn of(environment: &Environment) -> Self {
        let is_cgi = environment.get("REQUEST_METHOD").is_some();
        let first = |names: &[&'static str]| {
            let found = names.iter().filter(|name| !(is_cgi && **name == "HTTP_PROXY"));
            found.into_iter().find_map(|name| Some((*name, environment.get(name)?)))
        };
        let parsed = |names: &[&'static str]| first(names).map(|(name, text)| Proxy::parse(name, &text));
        let http = parsed(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]);
        let https = parsed(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]);
        if http.is_none() && https.is_none() {
            return Self::none();
        }
        let exempt =
            first(&["no_proxy", "NO_PROXY"]).map_or_else(Exempt::default, |(_, text)| Exempt::parse(&text));
        Self(Some(Arc::new(Named { http, https, exempt })))
    }

    /// Returns the proxy for a URL. An address of this machine is never reached through a proxy, because the proxy would take it for
    /// its own machine.
    pub(crate) fn of_address(&self, uri: &Uri) -> Option<&Result<Proxy, ProxyError>> {
        let named = self.0.as_ref()?;
        let proxy = match uri.scheme_str() {
            Some("https") => named.https.as_ref(),
            _ => named.http.as_ref(),
        }?;
        let host = uri.host()?;
        let is_here = AddressClass::of_host(host) == AddressClass::Loopback;
        (!is_here && !named.exempt.contains(host, port(uri))).then_some(proxy)
    }

    /// Returns the `Proxy-Authorization` header of a request that an HTTP proxy forwards. In a tunnel, the proxy does not see the
    /// requests.
    pub(crate) fn authorization(&self, uri: &Uri) -> Option<HeaderValue> {
        match self.of_address(uri)? {
            Ok(proxy) if proxy.kind == ProxyKind::Http && uri.scheme_str() == Some("http") => {
                proxy.authorization()
            }
            _ => None,
        }
    }
}

/// Returns the port of a URL.
fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 })
}

impl Proxy {
    fn parse(variable: &'static str, text: &str) -> Result<Self, ProxyError> {
        let unfit = |problem| ProxyError { variable, proxy: String::new(), problem };
        let (scheme, rest) = text.trim().split_once("://").unwrap_or(("http", text.trim()));
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "http" => ProxyKind::Http,
            "socks5" | "socks5h" => ProxyKind::Socks5,
            other => return Err(unfit(ProxyProblem::Scheme(other.chars().take(20).collect()))),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, address) = match authority.rsplit_once('@') {
            Some((user, address)) => (Some(user), address),
            None => (None, authority),
        };
        let decoded = |text: &str| String::from_utf8(percent_decode_lenient(text)).ok();
        let user = match user {
            None => None,
            Some(user) => {
                let (name, password) = user.split_once(':').unwrap_or((user, ""));
                let pair =
                    decoded(name).zip(decoded(password)).ok_or_else(|| unfit(ProxyProblem::Address))?;
                Some((pair.0, Secret::new(pair.1)))
            }
        };
        let bare = format!("http://{address}/").parse::<Uri>().ok();
        let host = bare.as_ref().and_then(Uri::host).filter(|host| !host.is_empty());
        let Some(host) = host else { return Err(unfit(ProxyProblem::Address)) };
        // A port above 65535 would otherwise be ignored.
        let port = match address.strip_prefix(host) {
            Some("") => Some(PORT),
            Some(rest) => rest.strip_prefix(':').and_then(|port| port.parse().ok()),
            None => None,
        };
        let port = port.ok_or_else(|| unfit(ProxyProblem::Address))?;
        let address = format!("http://{host}:{port}/").parse();
        let address = address.map_err(|_| unfit(ProxyProblem::Address))?;
        Ok(Self { kind, address, variable, user })
    }

    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        let (name, password) = self.user.as_ref()?;
        let text = BASE64_STANDARD.encode(format!("{name}:{}", password.expose()));
        let mut value = HeaderValue::try_from(format!("Basic {text}")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Returns the error for a problem of this proxy.
    pub(super) fn error(&self, problem: ProxyProblem) -> ProxyError {
        ProxyError { variable: self.variable, proxy: self.to_string(), problem }
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.address.authority().map_or("", http::uri::Authority::as_str))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// The error for a proxy that cannot be used. The text contains no credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProxyError {
    variable: &'static str,
    /// The host and port of the proxy. Empty if they are unknown.
    proxy: String,
    pub(super) problem: ProxyProblem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProxyProblem {
    Scheme(String),
    Address,
    /// The address of the proxy must never be called.
    Forbidden,
    /// The connection to the proxy failed. Contains the message of the connection.
    Unreachable(String),
    /// The proxy requires credentials, or refused the credentials that were sent.
    Credentials,
    /// The proxy cannot connect to the service. Contains the message of the connection.
    Refused(String),
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, proxy, problem } = self;
        match problem {
            ProxyProblem::Scheme(scheme) => write!(
                f,
                "{variable} names a proxy of the kind {scheme:?}: the user has to write it as in http://HOST:PORT or socks5h://HOST:PORT"
            ),
            ProxyProblem::Address => {
                write!(
                    f,
                    "{variable} is not the URL of a proxy: the user has to write it as in http://HOST:PORT"
                )
            }
            ProxyProblem::Forbidden => {
                write!(f, "the proxy {proxy} of {variable} has an address that is never called")
            }
            ProxyProblem::Unreachable(cause) => {
                write!(f, "no connection to the proxy {proxy} of {variable}: {cause}")
            }
            ProxyProblem::Credentials => write!(
                f,
                "the proxy {proxy} does not accept the credentials: the user has to write them into {variable}, as in \
                 http://USER:PASSWORD@{proxy}"
            ),
            ProxyProblem::Refused(cause) => {
                write!(f, "the proxy {proxy} of {variable} cannot connect to the service: {cause}")
            }
        }
    }
}

impl std::error::Error for ProxyError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&str, &str)], url: &str) -> String {
        let proxies = Proxies::of(&Environment::of(variables.iter().copied()));
        match proxies.of_address(&url.parse().unwrap()) {
            None => "direct".to_owned(),
            Some(Ok(proxy)) => format!("{:?} {proxy}", proxy.kind),
            Some(Err(error)) => error.to_string(),
        }
    }

    #[test]
    fn proxy_is_chosen_by_the_scheme_and_the_case_of_its_variable() {
        let (http, https) = ("http://api.example.com", "https://api.example.com");
        for (variables, url, expected) in [
            (&[][..], https, "direct"),
            (&[("https_proxy", "http://a:1")], https, "Http a:1"),
            (&[("HTTPS_PROXY", "http://a:1")], https, "Http a:1"),
            (&[("https_proxy", "http://a:1"), ("HTTPS_PROXY", "http://b:1")], https, "Http a:1"),
            (&[("HTTPS_PROXY", "http://a:1")], http, "direct"),
            (&[("http_proxy", "http://a:1")], https, "direct"),
            (&[("http_proxy", "http://a:1")], http, "Http a:1"),
            (&[("HTTP_PROXY", "http://a:1")], http, "Http a:1"),
            (&[("HTTP_PROXY", "http://a:1"), ("REQUEST_METHOD", "GET")], http, "direct"),
            (&[("http_proxy", "http://a:1"), ("REQUEST_METHOD", "GET")], http, "Http a:1"),
            (&[("ALL_PROXY", "socks5h://a:1")], http, "Socks5 a:1"),
            (&[("all_proxy", "socks5://a")], https, "Socks5 a:1080"),
            (&[("ALL_PROXY", "http://a:1"), ("HTTPS_PROXY", "http://b:1")], https, "Http b:1"),
            (&[("HTTPS_PROXY", "a:1")], https, "Http a:1"),
            (&[("HTTPS_PROXY", "http://me:p%40w@[::1]:3128/x")], https, "Http [::1]:3128"),
            (&[("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", "example.com")], https, "direct"),
            (&[("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", "b"), ("no_proxy", "*")], https, "direct"),
        ] {
            assert_eq!(proxy(variables, url), expected, "{variables:?} {url}");
        }
    }

    #[test]
    fn addresses_of_this_machine_are_never_reached_through_a_proxy() {
        for url in [
            "http://localhost:8080",
            "http://127.0.0.1",
            "http://[::1]:9",
            "http://shop.localhost",
            "http://0x7f.1",
        ] {
            assert_eq!(proxy(&[("http_proxy", "http://a:1")], url), "direct", "{url}");
        }
    }

    #[test]
    fn invalid_proxy_is_an_error_that_shows_no_password() {
        for text in [
            "https://me:hunter2@a:1",
            "ftp://a",
            "http://me:hunter2@",
            "http://me:hunter2@a:99999",
            "http://me:%ff@a",
        ] {
            let said = proxy(&[("HTTPS_PROXY", text)], "https://api.example.com");
            assert!(said.contains("HTTPS_PROXY") && said.contains("http://HOST:PORT"), "{text}: {said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
        let me = Proxy::parse("HTTPS_PROXY", "http://me:hunter2@a:1").unwrap();
        assert_eq!(me.authorization().unwrap(), "Basic bWU6aHVudGVyMg==");
        assert!(!format!("{me} {me:?} {:?}", me.authorization()).contains("hunter2"));
    }
}
