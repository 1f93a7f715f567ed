//! Answers health probes and metrics collectors.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http_body_util::{BodyExt as _, Full};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::answer::{Answer, refusal, status};
use super::drain::Drain;
use crate::engine::current_service::CurrentService;
use crate::engine::policy::Policies;

/// The time for which the result of the readiness checks is cached, so that probes of unauthenticated clients are cheap.
const KEEP: Duration = Duration::from_secs(5);

/// The state of a server that monitoring programs can read.
pub(super) struct Health {
    service: CurrentService,
    /// The policies of the first service. All later services share their checks and metrics.
    policies: Policies,
    drain: Drain,
    checked: Mutex<Option<(Instant, Result<(), &'static str>)>>,
}

impl Health {
    pub(super) fn new(service: CurrentService, drain: Drain) -> Arc<Self> {
        let policies = service.get().policies().clone();
        Arc::new(Self { service, policies, drain, checked: Mutex::default() })
    }

    /// Answers a probe. Returns `None` if `path` is not the path of a probe.
    pub(super) async fn probe(&self, path: &str) -> Option<Answer> {
        let mut answer = match path {
            "/healthz" => status(StatusCode::OK, "ok\n"),
            "/readyz" => match self.problem().await {
                None => status(StatusCode::OK, "ready\n"),
                Some(problem) => refusal(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {problem}\n")),
            },
            _ => return None,
        };
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Some(answer)
    }

    /// Returns the metrics, if the server counts calls.
    pub(super) fn metrics(&self) -> Option<Answer> {
        let mut text = self.policies.observe.as_ref()?.text()?;
        let _ = write!(
            text,
            "# HELP jackfield_withheld_tools Tools that are not served until a person accepts them.\n\
             # TYPE jackfield_withheld_tools gauge\n\
             jackfield_withheld_tools {}\n",
            self.service.get().withheld().len()
        );
        let mut answer = Answer::new(Full::from(text).boxed_unsync());
        let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        answer.headers_mut().insert(CONTENT_TYPE, kind);
        Some(answer)
    }

    /// Returns the reason why the server should receive no calls, or `None` if it is ready.
    async fn problem(&self) -> Option<&'static str> {
        if self.drain.has_begun() {
            return Some("stopping");
        }
        if self.service.get().withholds_every_tool() {
            return Some("withheld");
        }
        let mut checked = self.checked.lock().await;
        let known = checked.filter(|(at, _)| at.elapsed() < KEEP);
        let result = match known {
            Some((_, result)) => result,
            None => {
                let result = self.policies.check_readiness().await;
                *checked = Some((Instant::now(), result));
                result
            }
        };
        result.err()
    }
}
