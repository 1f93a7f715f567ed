//! Recognises replies that may be the status of a job.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::media::{BodyKind, MediaType};
use super::reply::STATUS_ADDRESSES;

/// The header with the URL of a job's status, in addition to the usual headers. Empty if there is no such header.
#[derive(Clone, Debug)]
pub(crate) struct StatusHeader(pub(crate) Box<str>);

impl StatusHeader {
    /// Whether a reply may be the status of a job, because it is JSON or has a header with the URL of a status.
    pub(super) fn may_be_in(&self, headers: &HeaderMap) -> bool {
        let names_status = || {
            let names = STATUS_ADDRESSES.iter().copied().chain([&*self.0]);
            names.into_iter().any(|name| headers.contains_key(name))
        };
        let media_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).map(MediaType::parse);
        media_type.is_some_and(|it| it.kind() == BodyKind::Json) || names_status()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn reply_with_json_or_a_status_url_may_be_a_job_status() {
        let may_be = |declared: &str, name: &'static str, value: &'static str| {
            let headers =
                HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]);
            StatusHeader(declared.into()).may_be_in(&headers)
        };
        for (declared, name, value, expected) in [
            ("", "content-type", "application/json", true),
            ("", "content-type", "application/pdf", false),
            ("", "operation-location", "/operations/7", true),
            ("", "x-job-status", "/jobs/7", false),
            ("X-Job-Status", "x-job-status", "/jobs/7", true),
            ("X-Job-Status", "azure-asyncoperation", "/operations/7", true),
        ] {
            assert_eq!(may_be(declared, name, value), expected, "{declared:?}, {name}: {value}");
        }
    }
}
