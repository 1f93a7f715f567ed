//! Checks addresses and headers of remote servers.

use std::collections::BTreeMap;

use jackfield_recipe::{AddressClass, origin_of};

use super::finding::{Finding, FindingCode, quoted};
use super::values;
use crate::entry::input::{Input, NamedInput};
use crate::entry::template::{fill, placeholders};

/// Headers that the connection or the protocol sets.
const OWN_HEADERS: [&str; 14] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "forwarded",
    "host",
    "last-event-id",
    "origin",
    "te",
    "trailer",
    "upgrade",
];
/// The beginnings of their names.
const OWN_BEGINNINGS: [&str; 6] = ["mcp-", "proxy-", "sec-", "transfer-", "x-forwarded-", ":"];

/// Checks the URL of a remote server, in which `{name}` stands for a variable.
pub(super) fn check_url(
    url: &str,
    variables: &BTreeMap<String, Input>,
    place: &str,
    findings: &mut Vec<Finding>,
) {
    let place = format!("{place}/url");
    let mut refuse = |code, problem: String, remedy: &str| {
        findings.push(Finding::refused(code, &place, problem, remedy));
    };
    if let Some(name) = values::reference(url) {
        let problem = format!("the URL {} refers to the variable {}", quoted(url), quoted(name));
        refuse(
            FindingCode::VariableReference,
            problem,
            "it could send a secret of another program to the server",
        );
    }
    if let Some(name) = placeholders(url).find(|name| !variables.contains_key(*name)) {
        let problem =
            format!("the URL {} has the placeholder {}, which is not declared", quoted(url), quoted(name));
        refuse(
            FindingCode::UndeclaredPlaceholder,
            problem,
            "the URL cannot be completed; ask the publisher to declare it",
        );
    }
    let end = authority_end(url);
    for name in placeholders(url.get(..end).unwrap_or(url)) {
        let published = variables.get(name).into_iter().flat_map(Input::published_values);
        if let Some(value) = published.into_iter().find(|value| !is_part_of_host(value)) {
            let problem =
                format!("the value {} of {} is not a part of a host name", quoted(value), quoted(name));
            refuse(FindingCode::UrlInvalid, problem, "it could lead to another server than the URL shows");
        }
    }
    // A variable without a value stands for letters of a host name or a path.
    let sample = fill(url, |name| {
        let variable = variables.get(name)?;
        Some(variable.value.clone().or_else(|| variable.default.clone()).unwrap_or_else(|| "x".to_owned()))
    });
    findings.extend(check_complete_url(&sample, &place));
}

/// Checks a URL without placeholders.
pub(super) fn check_complete_url(url: &str, place: &str) -> Vec<Finding> {
    let refused = |code, problem: String, remedy: &str| vec![Finding::refused(code, place, problem, remedy)];
    let authority = url.get(..authority_end(url)).unwrap_or(url);
    if authority.contains('@') {
        let problem = "the URL contains a user name or a password".to_owned();
        return refused(
            FindingCode::UrlUserInfo,
            problem,
            "credentials belong into a header that the entry declares",
        );
    }
    let is_web = has_scheme(url, "http://") || has_scheme(url, "https://");
    let is_valid = is_web
        && url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && origin_of(url).is_some()
        && url.parse::<http::Uri>().is_ok();
    if !is_valid {
        let problem = format!("{} is not an http or https URL", quoted(url));
        return refused(FindingCode::UrlInvalid, problem, "nothing is sent to it");
    }
    let class = AddressClass::of_url(url);
    if class == AddressClass::Forbidden {
        let problem = format!("the URL {} leads to {}", quoted(url), class.describe());
        return refused(FindingCode::UrlPrivate, problem, "nothing is sent to such addresses");
    }
    if has_scheme(url, "http://") && class != AddressClass::Loopback {
        let problem = format!("the URL {} is not protected by TLS", quoted(url));
        let remedy =
            "everyone on the way could read and change the messages; ask the publisher for an https URL";
        return refused(FindingCode::UrlNotEncrypted, problem, remedy);
    }
    if class != AddressClass::Public {
        let problem = format!("the URL {} leads to {}", quoted(url), class.describe());
        let remedy = "a published server is usually at a public address; check that you run it yourself";
        return vec![Finding::warning(FindingCode::UrlPrivate, place, problem, remedy)];
    }
    Vec::new()
}

fn has_scheme(url: &str, scheme: &str) -> bool {
    url.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
}

/// Returns the position at which the authority of a URL ends.
fn authority_end(url: &str) -> usize {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(begin..).unwrap_or_default();
    begin + rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len())
}

fn is_part_of_host(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte))
}

/// Checks the headers of a remote server.
pub(super) fn check_headers(headers: &[NamedInput], place: &str, findings: &mut Vec<Finding>) {
    for (at, header) in headers.iter().enumerate() {
        let (name, place) = (&header.name, format!("{place}/headers/{at}"));
        let lower = name.to_ascii_lowercase();
        let is_own = OWN_HEADERS.contains(&lower.as_str())
            || OWN_BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning));
        if http::HeaderName::from_bytes(lower.as_bytes()).is_err() {
            let problem = format!("{} is not the name of a header", quoted(name));
            findings.push(Finding::refused(FindingCode::HeaderName, &place, problem, "it is not sent"));
        } else if is_own {
            let problem = format!("the header {} is set by the transport itself", quoted(name));
            let remedy = "a second value could change the message or the session, so it is not sent";
            findings.push(Finding::refused(FindingCode::HeaderName, &place, problem, remedy));
        }
        if headers.iter().take(at).any(|earlier| earlier.name.eq_ignore_ascii_case(name)) {
            let problem = format!("the header {} is declared twice", quoted(name));
            let remedy = "a person could set one of them and see the other";
            findings.push(Finding::refused(FindingCode::DuplicateName, &place, problem, remedy));
        }
        values::check(&header.input, &place, findings);
    }
}
