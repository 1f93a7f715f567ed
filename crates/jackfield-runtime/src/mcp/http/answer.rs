//! Builds HTTP responses of the server itself.

use std::convert::Infallible;
use std::task::Poll;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame};

pub(super) type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// A piece of a body that cannot fail, as a poll returns it.
pub(super) type PolledFrame = Poll<Option<Result<Frame<Bytes>, Infallible>>>;

/// Returns a response with a line of text that is built at run time.
pub(super) fn refusal(status: StatusCode, text: String) -> Answer {
    let mut answer = Response::new(Full::from(text).boxed_unsync());
    *answer.status_mut() = status;
    answer
}

/// Returns a response with a line of text.
pub(super) fn status(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = Response::new(Full::from(text).boxed_unsync());
    *answer.status_mut() = status;
    answer
}

/// Returns a response with a printed MCP message.
pub(super) fn json(printed: serde_json::Result<Vec<u8>>) -> Answer {
    let Ok(printed) = printed else {
        return status(StatusCode::INTERNAL_SERVER_ERROR, "The answer cannot be printed.\n");
    };
    let mut answer = Response::new(Full::from(printed).boxed_unsync());
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// Returns a response with a stream of events.
pub(super) fn events(body: impl Body<Data = Bytes, Error = Infallible> + Send + 'static) -> Answer {
    let mut answer = Response::new(body.boxed_unsync());
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}
