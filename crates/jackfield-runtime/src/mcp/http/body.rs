//! Reads the bodies of requests, with limits of time and memory.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::answer::{Answer, refusal, status};
use super::request_body::RequestBody;
use crate::mcp::limits::{HttpLimit, HttpLimits};

/// The memory for all request bodies together, as a multiple of the maximum length of a body.
const LONGEST_AT_ONCE: u32 = 16;

/// Reads the bodies of requests.
pub(super) struct BodyReader {
    limits: HttpLimits,
    /// The number of bytes that are still free for bodies.
    bytes: Arc<Semaphore>,
}

impl BodyReader {
    pub(super) fn new(limits: HttpLimits) -> Self {
        let bytes = limits.get(HttpLimit::Body).saturating_mul(LONGEST_AT_ONCE);
        Self { limits, bytes: Arc::new(Semaphore::new(bytes as usize)) }
    }

    /// Reads the body of a request. The permit is kept until the request is answered.
    pub(super) async fn read(
        &self,
        request: Request<RequestBody>,
    ) -> Result<(Request<Full<Bytes>>, Bytes, OwnedSemaphorePermit), Answer> {
        let limit = self.limits.get(HttpLimit::Body);
        let too_long = || {
            let text = format!("The request is longer than {limit} bytes (set by --max-body).\n");
            refusal(StatusCode::PAYLOAD_TOO_LARGE, text)
        };
        let length = match request.body().size_hint().upper() {
            Some(length) => u32::try_from(length).ok().filter(|it| *it <= limit).ok_or_else(too_long)?,
            None => limit,
        };
        let Ok(mut permit) = Arc::clone(&self.bytes).try_acquire_many_owned(length) else {
            let most = u64::from(limit) * u64::from(LONGEST_AT_ONCE);
            let text = format!(
                "Requests of more than {most} bytes are in flight ({LONGEST_AT_ONCE} times --max-body).\n"
            );
            return Err(refusal(StatusCode::SERVICE_UNAVAILABLE, text));
        };
        let (head, body) = request.into_parts();
        let time = self.limits.time(HttpLimit::ReadTimeout);
        let read = timeout(time, Limited::new(body, limit as usize).collect()).await;
        let Ok(read) = read else {
            let text = format!(
                "The request was not complete after {} seconds (set by --read-timeout).\n",
                time.as_secs()
            );
            return Err(refusal(StatusCode::REQUEST_TIMEOUT, text));
        };
        match read {
            Ok(body) => {
                let body = body.to_bytes();
                // For a body without a declared length, the maximum was reserved. The excess is released now,
                // because streams stay open for long.
                drop(permit.split((length as usize).saturating_sub(body.len())));
                Ok((Request::from_parts(head, Full::new(body.clone())), body, permit))
            }
            Err(error) if error.is::<LengthLimitError>() => Err(too_long()),
            Err(_) => Err(status(StatusCode::BAD_REQUEST, "The body of the request is incomplete.\n")),
        }
    }
}
