//! Describes a reply with an error status, as text that a model can act on.

use std::fmt::Write as _;

use http::StatusCode;
use jackfield_recipe::Effect;
use serde_json::Value;

use super::credential_advice::CredentialAdvice;
use super::problem::{tell, without_markup};
use super::shape::Shaping;
use super::success::remedy_for_coding;
use crate::call::rows::Tool;
use crate::common::text::{amount, excerpt};
use crate::transport::media::BodyKind;
use crate::transport::reply::Reply;

/// The maximum number of characters of the service's message.
const EXCERPT: usize = 1500;
/// The maximum number of characters of the caveat. It may contain the URL of a redirect, which can be a long signed
/// URL.
const CAVEAT: usize = 2500;
/// The advice if the service does not say how long to wait.
const MINUTE: &str = "Wait a minute before calling this service again.";

/// Describes the failure, the remedy, the service's message, and the request id.
pub(super) fn describe(reply: &Reply, shaping: Shaping<'_>, credentials: &CredentialAdvice) -> String {
    let tool = shaping.tool;
    let mut text = what_happened(reply, tool);
    // A confirmed write gets no retry advice.
    let advice = if reply.done.is_none() { advice(reply, tool, credentials) } else { String::new() };
    for line in [excerpt(reply.caveat.as_deref().unwrap_or_default(), CAVEAT), advice] {
        if !line.is_empty() {
            _ = write!(text, "\n{line}");
        }
    }
    let said = said(reply, shaping);
    if !said.is_empty() {
        // If the service's message is a list, it begins with a line break.
        let space = if said.starts_with('\n') { "" } else { " " };
        _ = write!(text, "\nIt says:{space}{said}");
    }
    if let Some(field) = telling_field(reply) {
        _ = write!(text, "\n{field}");
    }
    if let Some(id) = reply.request_id() {
        _ = write!(text, "\nrequest id: {}", excerpt(id, 200));
    }
    text
}

/// Describes a job that has failed. The message in the job's status is repeated unless `sentence` already contains it.
pub(crate) fn describe_failed_job(
    reply: &Reply,
    shaping: Shaping<'_>,
    sentence: &str,
    says_why: bool,
) -> String {
    let said = if says_why { String::new() } else { said(reply, shaping) };
    let said = match said.as_str() {
        "" => said,
        text if text.starts_with('\n') => format!("\nIts status says:{said}"),
        _ => format!("\nIts status says: {said}"),
    };
    format!("{sentence}{said}\nCalling again starts another job, which fails too unless the cause is gone.")
}

fn what_happened(reply: &Reply, tool: &Tool<'_>) -> String {
    let path = tool.path;
    match reply.done() {
        None => format!("The service answered {} to {} {path}.", reply.status, tool.method),
        Some(method) => {
            let mut text = format!(
                "The service answered 303 See Other to {method} {path}, which confirms that the request took \
                 effect: do not repeat it."
            );
            if reply.status != StatusCode::SEE_OTHER {
                _ = write!(text, "\nThe request for the outcome was answered with {}.", reply.status);
            }
            text
        }
    }
}

/// Returns the header that helps to correct the request, such as `Allow` after a 405 response.
fn telling_field(reply: &Reply) -> Option<String> {
    let name = match reply.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "www-authenticate",
        StatusCode::METHOD_NOT_ALLOWED => "allow",
        StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT => "etag",
        StatusCode::RANGE_NOT_SATISFIABLE => "content-range",
        _ => return None,
    };
    reply.header(name).map(|value| format!("{name}: {}", excerpt(value, 500)))
}

/// Returns the next step, in one sentence.
fn advice(reply: &Reply, tool: &Tool<'_>, credentials: &CredentialAdvice) -> String {
    let wait = reply.header("retry-after").and_then(wait);
    let again = || match (&wait, tool.effect) {
        (Some(wait), _) => wait.clone(),
        (None, Effect::Read) => "The arguments are not the cause: call it again a little later.".to_owned(),
        (None, _) => {
            "The service may still have acted: read the current state before calling it again.".to_owned()
        }
    };
    match reply.status.as_u16() {
        304 => "Nothing has changed since the version that the arguments name: use the result of the earlier call.".to_owned(),
        400 | 422 => "Correct the arguments that the service names, then call again.".to_owned(),
        401 => credentials.unauthorized.clone(),
        403 if wait.is_some() || is_exhausted(reply) => wait.unwrap_or(MINUTE.to_owned()),
        403 if tool.is_open() => {
            "The service does not permit this; calling again will not help.".to_owned()
        }
        403 => {
            let places = &credentials.sent;
            let places = if places.is_empty() { String::new() } else { format!(" ({places})") };
            format!(
                "The credential that was sent{places} does not permit this. The user has to obtain the permission, or \
                 another credential; calling again will not help."
            )
        }
        404 => "Check the ids and names in the arguments, or list the existing resources.".to_owned(),
        409 => "The call conflicts with the current state: read the state first, then decide whether to call again."
            .to_owned(),
        412 => "The resource has changed since the version that the arguments name, or exists already: read it again, then decide \
                whether to call again with its current version."
            .to_owned(),
        416 => "The requested range is outside the content: choose another range.".to_owned(),
        428 => precondition_required(tool).to_owned(),
        410 => "The resource is permanently gone: do not request it again.".to_owned(),
        413 => "Send less: shorter values, or fewer values in one call.".to_owned(),
        405 | 406 | 415 | 501 => {
            "The service does not accept this kind of request: other arguments will not help. \
                            Tell the user to report it to the maintainer of this connector."
                .to_owned()
        }
        429 => wait.unwrap_or(MINUTE.to_owned()),
        408 | 425 | 500..=599 => again(),
        // The caveat already says that the request may have taken effect, and what the model should do.
        301 | 302 if !matches!(tool.method, "GET" | "HEAD") => String::new(),
        300..=399 => "Repeating the call will not help: tell the user, who can check the base URL of this connector.".to_owned(),
        _ => wait.unwrap_or_else(|| "The service refuses this call; repeating the call will not help.".to_owned()),
    }
}

/// Returns the advice after a 428 response: the service requires a precondition.
fn precondition_required(tool: &Tool<'_>) -> &'static str {
    let mentions = |word: &str| tool.input.to_ascii_lowercase().contains(word);
    if mentions("if-match") || mentions("if_match") {
        "The service requires the version that is to be changed: read the resource, then call again with its etag as If-Match."
    } else {
        "The service requires the version that is to be changed, but this tool has no argument for it. Tell the user to report \
         this to the maintainer of this connector."
    }
}

/// Whether the rate limit is exhausted. Some services then answer 403.
fn is_exhausted(reply: &Reply) -> bool {
    ["x-ratelimit-remaining", "ratelimit-remaining"].iter().any(|name| reply.header(name) == Some("0"))
}

/// Returns the advice for a `retry-after` header, which contains a number of seconds or a date.
fn wait(field: &str) -> Option<String> {
    let field = field.trim();
    match field.parse::<u64>() {
        Ok(1) => Some("Wait 1 second before calling again.".to_owned()),
        Ok(seconds) => Some(format!("Wait {seconds} seconds before calling again.")),
        Err(_) if field.ends_with("GMT") => {
            Some(format!("Wait until {} before calling again.", excerpt(field, 40)))
        }
        Err(_) => None,
    }
}

/// Returns the useful part of the body.
fn said(reply: &Reply, shaping: Shaping<'_>) -> String {
    if reply.body.is_empty() {
        return String::new();
    }
    if let Some(coding) = reply.coding() {
        return format!("(a body compressed as {coding}. {})", remedy_for_coding(coding));
    }
    if shaping.rule.redacts() {
        let redacted = shaping.redact(&reply.text()).and_then(|text| serde_json::from_str(&text).ok());
        return redacted.map_or_else(|| withheld(reply), |value: Value| excerpt(&tell(&value), EXCERPT));
    }
    if let Some(told) = reply.json().map(|value| tell(&value)).filter(|told| !told.is_empty()) {
        return excerpt(&told, EXCERPT);
    }
    let media_type = reply.media_type();
    match media_type.kind() {
        BodyKind::File => format!("({} of {})", amount(reply.body.len()), media_type.essence),
        BodyKind::Other if !reply.is_readable() => format!("({} bytes that are not text)", reply.body.len()),
        _ => {
            let text = reply.text();
            let is_markup = text.trim_start().starts_with('<');
            excerpt(&if is_markup { without_markup(&text) } else { text.trim().to_owned() }, EXCERPT)
        }
    }
}

/// Returns the sentence about a body that may contain redacted values.
fn withheld(reply: &Reply) -> String {
    format!(
        "({} of {}, withheld: connector.toml redacts parts of the replies of this tool, and this reply is not complete JSON)",
        amount(reply.body.len()),
        reply.media_type().essence
    )
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;
    use crate::reply::rule::ReplyRule;

    #[test]
    fn error_412_or_428_explains_how_to_send_the_current_version() {
        static PUT: Tool<'static> = Tool::new("replace", "PUT", "/books/{id}", |_, _| Ok(()));
        static MATCHED: Tool<'static> = PUT.input(r#"{"properties":{"If-Match":{"type":"string"}}}"#);
        let described = |status: u16, header: &'static str, value: &'static str, tool: &Tool<'_>| {
            let headers = [(HeaderName::from_static(header), HeaderValue::from_static(value))];
            let headers = HeaderMap::from_iter(headers);
            let status = StatusCode::from_u16(status).unwrap();
            let reply = Reply::new(status, headers, Bytes::new(), true, String::new());
            let shaping = Shaping { tool, rule: &ReplyRule::USUAL, fields: None, has_page: false };
            let advice = CredentialAdvice { unauthorized: String::new(), sent: String::new() };
            describe(&reply, shaping, &advice)
        };
        let text = described(412, "etag", "\"v2\"", &PUT);
        assert_eq!(
            text,
            "The service answered 412 Precondition Failed to PUT /books/{id}.\nThe resource has changed since the version that the \
             arguments name, or exists already: read it again, then decide whether to call again with its current version.\n\
             etag: \"v2\""
        );
        let text = described(428, "x", "y", &MATCHED);
        assert!(text.contains("call again with its etag as If-Match"), "{text}");
        let text = described(428, "x", "y", &PUT);
        assert!(text.contains("this tool has no argument"), "{text}");
        let text = described(416, "content-range", "bytes */47", &PUT);
        assert!(
            text.contains("outside the content") && text.ends_with("content-range: bytes */47"),
            "{text}"
        );
    }

    #[test]
    fn retry_after_header_becomes_advice_to_wait() {
        assert_eq!(wait(" 7 ").as_deref(), Some("Wait 7 seconds before calling again."));
        assert_eq!(
            wait("Wed, 21 Oct 2026 07:28:00 GMT").as_deref(),
            Some("Wait until Wed, 21 Oct 2026 07:28:00 GMT before calling again.")
        );
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
    }
}
