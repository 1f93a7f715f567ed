//! Finds where the status of a job can be read: at a URL, or with an identifier.

use jackfield_recipe::ReplyPath;
use serde_json::Value;

use crate::call::rows::Job;
use crate::reply::page::{number_of, page_text};
use crate::reply::scalar::{Finder, Scalar};
use crate::reply::tape::Tape;
use crate::reply::walk::redactions;
use crate::transport::redirect::resolve;
use crate::transport::reply::{Reply, STATUS_ADDRESSES};

/// The maximum length of a URL.
const LONGEST: usize = 8192;

/// The place where the status of a job can be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum JobPlace {
    /// An absolute URL.
    Address { address: String, kind: PlaceKind },
    /// The identifier of the job, which a tool takes.
    Id(Value),
}

/// The part of a reply that named the URL or identifier. It determines what a request for the status returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlaceKind {
    /// `Operation-Location`, `Azure-AsyncOperation`, or a header that connector.toml names. The URL returns a status.
    Operation,
    /// `Location`. The URL returns a status while the job runs, and then the result of the job.
    Location,
    /// The body. The URL, or the tool that takes the identifier, returns a status.
    Body,
}

impl JobPlace {
    pub(crate) const fn kind(&self) -> PlaceKind {
        match self {
            Self::Address { kind, .. } => *kind,
            Self::Id(_) => PlaceKind::Body,
        }
    }
}

/// Finds where the status can be read, first in the headers of a reply and then in its body. If `job` is `None`, only headers are read.
pub(crate) fn place_of(reply: &Reply, job: Option<&Job<'_>>, redact: &[ReplyPath]) -> Option<JobPlace> {
    let own = job.map_or("", |job| job.header);
    if !own.is_empty() {
        let address = header(reply, own)?;
        return Some(JobPlace::Address { address, kind: PlaceKind::Operation });
    }
    for name in STATUS_ADDRESSES {
        if let Some(address) = header(reply, name) {
            return Some(JobPlace::Address { address, kind: PlaceKind::Operation });
        }
    }
    let by_body = job.filter(|job| job.address.is_some() || job.id.is_some());
    by_body.and_then(|job| in_body(reply, job, redact)).or_else(|| {
        let address = header(reply, "location")?;
        Some(JobPlace::Address { address, kind: PlaceKind::Location })
    })
}

/// Returns the absolute URL in a header.
pub(crate) fn header(reply: &Reply, name: &str) -> Option<String> {
    let value = reply.headers.get(name)?.as_bytes().trim_ascii();
    if value.is_empty() || value.len() > LONGEST {
        return None;
    }
    resolve(&reply.address, value)
}

fn in_body(reply: &Reply, job: &Job<'_>, redact: &[ReplyPath]) -> Option<JobPlace> {
    let text = page_text(reply).filter(|text| reply.is_whole && reply.can_hold(text.len()))?;
    let tape = Tape::parse(text)?;
    let edits = redactions(&tape, redact);
    let values = Finder { tape: &tape, edits: &edits };
    let id = job.id.and_then(|id| match values.at(Tape::ROOT, id.pointer)? {
        Scalar::Text(text) if !text.is_empty() => Some(JobPlace::Id(Value::String(text))),
        Scalar::Number(number) => Some(JobPlace::Id(number_of(&number))),
        _ => None,
    });
    id.or_else(|| match values.at(Tape::ROOT, job.address?)? {
        Scalar::Text(text) if !text.is_empty() && text.len() <= LONGEST => {
            let address = resolve(&reply.address, text.as_bytes())?;
            Some(JobPlace::Address { address, kind: PlaceKind::Body })
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderName, HeaderValue, StatusCode};

    fn place(
        headers: &[(&'static str, &'static str)],
        body: &str,
        job: Option<&Job<'_>>,
    ) -> Option<JobPlace> {
        let pairs = headers
            .iter()
            .chain(&[("content-type", "application/json")])
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let body = Bytes::copy_from_slice(body.as_bytes());
        let address = "https://api.example.com/v1/exports?x=1".to_owned();
        let reply = Reply::new(StatusCode::ACCEPTED, pairs.collect(), body, true, address);
        place_of(&reply, job, &["$.hidden".parse().unwrap()])
    }

    fn at(address: &str, kind: PlaceKind) -> Option<JobPlace> {
        Some(JobPlace::Address { address: address.to_owned(), kind })
    }

    #[test]
    fn url_of_a_job_status_is_searched_in_the_headers_and_then_in_the_body() {
        let both = [("location", "/v1/exports/7"), ("operation-location", "../ops/7")];
        assert_eq!(place(&both, "", None), at("https://api.example.com/ops/7", PlaceKind::Operation));
        assert_eq!(
            place(&both[..1], "", None),
            at("https://api.example.com/v1/exports/7", PlaceKind::Location)
        );
        let own = Job::new().header("x-job");
        assert_eq!(place(&both, "", Some(&own)), None);
        assert_eq!(
            place(&[("x-job", "//other.example.com/7")], "", Some(&own)),
            at("https://other.example.com/7", PlaceKind::Operation)
        );
        let in_body = Job::new().address("/status_url").id("/id", "get_job", "id");
        let body = r#"{"status_url":"/s/7","id":12345678901234567890123}"#;
        assert_eq!(place(&[], body, Some(&in_body)), Some(JobPlace::Id("12345678901234567890123".into())));
        let address = Job::new().address("/status_url");
        assert_eq!(place(&[], body, Some(&address)), at("https://api.example.com/s/7", PlaceKind::Body));
        // If the tool has no job entry, the body is not searched.
        assert_eq!(place(&[], body, None), None);
        let hidden = Job::new().address("/hidden");
        assert_eq!(place(&[], r#"{"hidden":"/s/7"}"#, Some(&hidden)), None);
    }
}
