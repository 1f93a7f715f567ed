//! Decides which requests may be retried.

use http::StatusCode;
use jackfield_recipe::Effect;

use crate::call::rows::Tool;
use crate::transport::error::{Acted, SendError};
use crate::transport::reply::Reply;
use crate::transport::send_problem::{ReplyProblem, SendProblem};

/// Whether a request may be retried without a second effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Repeat {
    Never,
    /// A write that can be repeated without a second effect, because of its method or its idempotency key.
    Write,
    /// A request that changes nothing.
    Read,
}

impl Repeat {
    /// Decides by method and effect. A request with a safe method is a read only if the effect is `read` too. A request with another method
    /// is a read if its effect is `read` and the tool is idempotent.
    pub(in crate::engine) fn of(tool: &Tool<'_>, has_key: bool) -> Self {
        let is_safe = matches!(tool.method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY");
        let is_idempotent = matches!(tool.method, "PUT" | "DELETE") && tool.idempotent;
        match tool.effect {
            Effect::Read if is_safe || tool.idempotent => Self::Read,
            _ if has_key || is_idempotent => Self::Write,
            _ => Self::Never,
        }
    }

    /// Whether the request may be retried after this result.
    pub(super) fn may_follow(self, sent: &Result<Reply, SendError>, has_pause: bool) -> bool {
        match (self, sent) {
            (Self::Never, _) => false,
            // A 303 response means that the write is completed.
            (_, Ok(reply)) if reply.done().is_some() => false,
            (_, Ok(reply)) => match reply.http_status() {
                // These status codes mean that the service did not act.
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => true,
                StatusCode::FORBIDDEN => has_pause && self == Self::Read,
                StatusCode::REQUEST_TIMEOUT | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
                    self == Self::Read
                }
                _ => false,
            },
            (_, Err(error)) => match error.problem() {
                SendProblem::ConnectionEnded(_)
                | SendProblem::ConnectTimeout { .. }
                | SendProblem::NoAnswer { .. }
                | SendProblem::UploadStalled { .. }
                | SendProblem::Socket { .. } => self == Self::Read || !matches!(error.acted(), Acted::Yes(_)),
                // The connection may have failed because the reply is not HTTP. The service may then have acted.
                SendProblem::Connection(_) => self == Self::Read || error.acted() == Acted::No,
                SendProblem::Reply(
                    ReplyProblem::Interrupted(_) | ReplyProblem::Stalled { .. } | ReplyProblem::OtherRange,
                ) => self == Self::Read,
                _ => false,
            },
        }
    }
}

/// Returns whether a result means that the host failed, or `None` if the result says nothing about the host.
pub(super) fn has_failed(sent: &Result<Reply, SendError>) -> Option<bool> {
    match sent {
        Ok(reply) => Some(matches!(
            reply.http_status(),
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        )),
        Err(error) => match error.problem() {
            SendProblem::ConnectionEnded(_)
            | SendProblem::Connection(_)
            | SendProblem::ConnectTimeout { .. }
            | SendProblem::NoAnswer { .. }
            | SendProblem::UploadStalled { .. }
            | SendProblem::Socket { .. } => Some(true),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;

    fn reply(status: u16) -> Result<Reply, SendError> {
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Reply::new(status, HeaderMap::new(), Bytes::new(), true, String::new()))
    }

    #[test]
    fn only_requests_that_are_safe_to_repeat_are_retried() {
        let tool = |method, effect| Tool::new("t", method, "/", |_, _| Ok(())).effect(effect);
        for (method, effect, idempotent, expected) in [
            ("GET", Effect::Read, false, Repeat::Read),
            ("GET", Effect::Write, true, Repeat::Never),
            ("POST", Effect::Read, true, Repeat::Read),
            ("POST", Effect::Read, false, Repeat::Never),
            ("POST", Effect::Write, true, Repeat::Never),
            ("PATCH", Effect::Write, true, Repeat::Never),
            ("PUT", Effect::Write, true, Repeat::Write),
            ("PUT", Effect::Write, false, Repeat::Never),
            ("DELETE", Effect::Destroy, true, Repeat::Write),
            ("LOCK", Effect::Write, true, Repeat::Never),
        ] {
            let tool = tool(method, effect);
            let tool = if idempotent { tool.idempotent() } else { tool };
            assert_eq!(Repeat::of(&tool, false), expected, "{method} {effect:?}");
            assert_ne!(Repeat::of(&tool, true), Repeat::Never, "{method} with a key");
        }
    }

    #[test]
    fn write_is_not_retried_once_its_reply_has_begun() {
        let ended = |acted| match acted {
            Acted::No => Err(SendError::unsent(SendProblem::ConnectionEnded(String::new()))),
            Acted::Perhaps => Err(SendError::unanswered(SendProblem::ConnectionEnded(String::new()))),
            Acted::Yes(status) => {
                Err(SendError::unreadable(status, ReplyProblem::Interrupted(String::new())))
            }
        };
        let garbage = || Err(SendError::unanswered(SendProblem::Connection("invalid HTTP".to_owned())));
        for (sent, read, write) in [
            (ended(Acted::No), true, true),
            (ended(Acted::Perhaps), true, true),
            (ended(Acted::Yes(StatusCode::OK)), true, false),
            (garbage(), true, false),
            (reply(200), false, false),
            (reply(429), true, true),
            (reply(503), true, true),
            (reply(502), true, false),
            (reply(504), true, false),
            (reply(408), true, false),
            (reply(500), false, false),
            (reply(404), false, false),
            (reply(403), false, false),
        ] {
            let may = |repeat: Repeat| repeat.may_follow(&sent, false);
            assert_eq!(
                (may(Repeat::Never), may(Repeat::Read), may(Repeat::Write)),
                (false, read, write),
                "{sent:?}"
            );
        }
        assert!(Repeat::Read.may_follow(&reply(403), true) && !Repeat::Write.may_follow(&reply(403), true));
        let done = reply(503).map(|reply| reply.with_done(Some("POST".into())));
        assert!(!Repeat::Write.may_follow(&done, true));
    }
}
