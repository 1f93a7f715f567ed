//! Computes the origins of URLs and of servers with variables, as strings that can be compared.

use std::collections::BTreeSet;

use crate::percent::percent_decode_lenient;

/// The maximum number of combinations of listed values that are expanded. If there are more, the variables stay in the
/// origin.
const MOST_COMBINATIONS: usize = 64;

/// A variable of a server URL.
#[derive(Clone, Copy, Debug)]
pub struct AddressVariable<'v, T> {
    /// The name between the braces.
    pub name: &'v str,
    /// The default value.
    pub default: Option<&'v str>,
    /// The allowed values. Empty if any value is allowed.
    pub allowed: &'v [T],
}

/// Returns the origins that requests to a server can reach: the origin of its default URL, an origin for each listed value of its
/// variables, and a pattern if a variable lists no values. Empty if only the user determines the host.
pub fn server_origins<T: AsRef<str>>(url: &str, variables: &[AddressVariable<'_, T>]) -> BTreeSet<String> {
    let mut addresses = vec![url.to_owned()];
    let mut usual = url.to_owned();
    for variable in variables {
        let placeholder = format!("{{{}}}", variable.name);
        if let Some(default) = variable.default {
            usual = usual.replace(&placeholder, default);
        }
        let listed = variable.allowed.iter().map(AsRef::as_ref);
        let values: BTreeSet<&str> = listed.chain(variable.default).collect();
        let is_listed = !variable.allowed.is_empty() && head(url).contains(&placeholder);
        if is_listed && addresses.len() * values.len() <= MOST_COMBINATIONS {
            let filled = addresses.iter().flat_map(|address| {
                values.iter().map(|value| address.replace(&placeholder, value)).collect::<Vec<_>>()
            });
            addresses = filled.collect();
        }
    }
    addresses.push(usual);
    addresses.iter().filter_map(|address| origin_of(address)).collect()
}

/// Whether an origin matches a pattern in which `{name}` matches letters, digits and `-._~`.
pub fn origin_fits(origin: &str, pattern: &str) -> bool {
    let mut reached = vec![0];
    let mut rest = pattern;
    while let Some((before, (_, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        reached.retain(|at| origin.get(*at..).is_some_and(|rest| rest.starts_with(before)));
        reached.iter_mut().for_each(|at| *at += before.len());
        // Each position of the origin is visited at most once.
        let mut next = Vec::new();
        let mut begins = reached.iter().copied().peekable();
        let mut is_within = false;
        for (at, byte) in origin.bytes().enumerate() {
            is_within |= begins.next_if_eq(&at).is_some();
            is_within &= byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            if is_within {
                next.push(at + 1);
            }
        }
        reached = next;
        rest = after;
    }
    reached.iter().any(|at| origin.get(*at..) == Some(rest))
}

/// Returns the beginning of the URL, which determines its origin.
fn head(url: &str) -> &str {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let mut depth = 0_usize;
            let end = rest.char_indices().find(|(_, c)| match c {
                '{' => {
                    depth += 1;
                    false
                }
                '}' => {
                    depth = depth.saturating_sub(1);
                    false
                }
                other => depth == 0 && "/?#\\".contains(*other),
            });
            &url[..scheme.len() + 3 + end.map_or(rest.len(), |(at, _)| at)]
        }
        None => url,
    }
}

/// Returns the origin of an absolute URL, which may have variables. `None` for a relative URL.
pub fn origin_of(address: &str) -> Option<String> {
    let (scheme, rest) = head(address.trim()).split_once("://")?;
    let scheme = lower(scheme);
    if scheme == "unix" || scheme == "http+unix" {
        let path = if scheme == "unix" { address.trim().split_once("://")?.1 } else { rest };
        // If the decoded path is not UTF-8, it stays encoded.
        let decoded = String::from_utf8(percent_decode_lenient(path));
        let path = decoded.unwrap_or_else(|_| path.to_owned());
        return Some(printable(&format!("unix://{path}")));
    }
    let authority = lower(rest.rsplit('@').next().unwrap_or_default());
    let usual = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "\0",
    };
    let authority = authority.strip_suffix(usual).unwrap_or(&authority);
    (!authority.is_empty() && !scheme.is_empty()).then(|| printable(&format!("{scheme}://{authority}")))
}

/// Escapes everything except visible ASCII characters, because the result is printed.
fn printable(text: &str) -> String {
    let escape = |c: char| if c.is_ascii_graphic() { c.to_string() } else { c.escape_unicode().to_string() };
    text.chars().map(escape).collect()
}

/// Lower-cases everything except the names of variables.
fn lower(text: &str) -> String {
    let mut depth = 0_usize;
    let fold = |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 { c.to_ascii_lowercase() } else { c }
    };
    text.chars().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_of_a_url_is_canonical() {
        for (address, origin) in [
            ("https://API.example.com/v1", "https://api.example.com"),
            ("HTTPS://api.example.com:443", "https://api.example.com"),
            ("http://api.example.com:443/", "http://api.example.com:443"),
            ("https://me:pw@api.example.com/", "https://api.example.com"),
            ("https://api.example.com\\@evil.example.net/", "https://api.example.com"),
            ("https://{Tenant}.Example.com/x", "https://{Tenant}.example.com"),
            ("https://{a/b}.example.com/x", "https://{a/b}.example.com"),
            ("unix:///var/run/shop.sock", "unix:///var/run/shop.sock"),
            ("http+unix://%2Fvar%2Frun%2Fshop.sock/v1", "unix:///var/run/shop.sock"),
            ("http+unix://%2Fvar%2Frun%+9shop.sock", "unix:///var/run%+9shop.sock"),
            ("https://a\u{1b}[1m.example.com", "https://a\\u{1b}[1m.example.com"),
        ] {
            assert_eq!(origin_of(address).as_deref(), Some(origin), "{address}");
        }
    }

    #[test]
    fn url_without_a_host_has_no_origin() {
        assert_eq!(["/v1", "https://"].map(origin_of), [None, None]);
    }

    #[test]
    fn origins_of_a_server_expand_the_listed_values_and_defaults_of_variables() {
        fn variable<'v>(
            name: &'v str,
            default: Option<&'v str>,
            allowed: &'v [&'v str],
        ) -> AddressVariable<'v, &'v str> {
            AddressVariable { name, default, allowed }
        }
        let origins = |url: &str, variables: Vec<AddressVariable<'_, &str>>| {
            server_origins(url, &variables).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(
            origins("https://{region}.example.com", vec![variable("region", Some("eu"), &["eu", "us"])]),
            ["https://eu.example.com", "https://us.example.com"]
        );
        assert_eq!(
            origins("https://{tenant}.example.com", vec![variable("tenant", Some("demo"), &[])]),
            ["https://demo.example.com", "https://{tenant}.example.com"]
        );
        let left = origins("https://{tenant}.example.com", vec![variable("tenant", Some("evil.net/x"), &[])]);
        assert_eq!(left, ["https://evil.net", "https://{tenant}.example.com"]);
        let base = vec![variable("base", Some("https://a.example.com"), &["https://b.example.com"])];
        assert_eq!(origins("{base}/v1", base), ["https://a.example.com", "https://b.example.com"]);
        assert_eq!(origins("/v1", Vec::new()), Vec::<String>::new());
    }

    #[test]
    fn server_with_too_many_listed_values_keeps_its_variables_in_the_origin() {
        let allowed: Vec<String> = (0..60).map(|number| number.to_string()).collect();
        let variables =
            ["a", "b", "c"].map(|name| AddressVariable { name, default: None, allowed: &allowed });
        let origins = server_origins("https://{a}-{b}-{c}.example.com", &variables);
        assert!(origins.len() <= MOST_COMBINATIONS + 1, "{}", origins.len());
        assert!(origins.contains("https://7-{b}-{c}.example.com"), "{origins:?}");
    }

    #[test]
    fn pattern_matches_only_whole_origins() {
        let (plain, tenant) = ("https://a.example.com", "https://{tenant}.example.com");
        for (origin, pattern) in [
            (plain, plain),
            ("https://acme.example.com", tenant),
            ("https://a.b.example.com", tenant),
            ("https://a-b.example.com", "https://{x}-{y}.example.com"),
        ] {
            assert!(origin_fits(origin, pattern), "{origin} {pattern}");
        }
        assert!(!origin_fits("https://a.example.com:8443", plain));
        for origin in [
            "https://.example.com",
            "https://example.com",
            "https://acme.example.com.evil.net",
            "https://evil.net/.example.com",
            "http://acme.example.com",
        ] {
            assert!(!origin_fits(origin, tenant), "{origin}");
        }
    }

    #[test]
    fn pattern_with_many_variables_is_matched_in_linear_time() {
        // Trying every start with every end would take four billion steps.
        let pattern = format!("https://{}.example.com", "{a}".repeat(2000));
        assert!(origin_fits(&format!("https://{}.example.com", "x".repeat(2000)), &pattern));
        assert!(!origin_fits(&format!("https://{}.example.com", "x".repeat(1999)), &pattern));
    }
}
