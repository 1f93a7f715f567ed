//! Restores the original questions of other servers in responses of the SDK.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Frame};

use super::answer::Answer;
use crate::mcp::asking::raw_questions::restored;

/// The methods whose results may contain questions.
const ASKING: [&str; 3] = ["tools/call", "prompts/get", "resources/read"];

/// Whether the results of a method may contain questions.
pub(super) fn may_ask(method: Option<&http::HeaderValue>) -> bool {
    method.is_some_and(|method| ASKING.iter().any(|asking| method == asking))
}

/// Replaces the parsed questions in a response with the original questions.
pub(super) async fn with_raw_questions(answer: Answer) -> Answer {
    let kind = answer.headers().get(CONTENT_TYPE).map(http::HeaderValue::as_bytes).unwrap_or_default();
    // Each frame of a stream is a whole event.
    if kind.starts_with(b"text/event-stream") {
        return answer.map(|body| {
            let frames = body.map_frame(|frame| match frame.into_data() {
                Ok(event) => Frame::data(changed(event)),
                Err(frame) => frame,
            });
            frames.boxed_unsync()
        });
    }
    if answer.body().size_hint().exact().is_none() {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let Ok(whole) = body.collect().await.map(http_body_util::Collected::to_bytes);
    head.headers.remove(CONTENT_LENGTH);
    Answer::from_parts(head, Full::new(changed(whole)).boxed_unsync())
}

fn changed(printed: Bytes) -> Bytes {
    match restored(&printed) {
        std::borrow::Cow::Borrowed(_) => printed,
        std::borrow::Cow::Owned(changed) => changed.into(),
    }
}
