//! Protects a service with a retry budget, pauses that the service asks for, and a circuit breaker (ADR 0049).
//!
//! A call to a healthy service only reads three atomic numbers here and allocates nothing.

pub(crate) mod attempts;
mod breaker;
mod budget;
mod limits;
mod pauses;
mod rate_headers;
pub(crate) mod refusal;
pub(in crate::engine) mod repeat;
mod wait_text;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use breaker::Breaker;
use budget::RetryBudget;
pub(crate) use limits::UpstreamLimits;
use pauses::Pauses;

use crate::call::base_url::BaseUrl;
use crate::call::origin::Origin;
use crate::transport::reply::Reply;

/// The state of each origin to which requests are sent. A document names few origins.
#[derive(Debug)]
pub(crate) struct Upstreams {
    limits: UpstreamLimits,
    known: Mutex<HashMap<Origin, Arc<Upstream>>>,
}

impl Upstreams {
    pub(crate) fn new(limits: UpstreamLimits) -> Self {
        Self { limits, known: Mutex::default() }
    }

    /// Returns the state of the origin of `base`.
    pub(crate) fn of(&self, base: &BaseUrl) -> Arc<Upstream> {
        let unknown = || Origin { scheme: String::new(), host: base.to_string(), port: 0 };
        let origin = Origin::of_base(base).unwrap_or_else(unknown);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            known.entry(origin).or_insert_with_key(|origin| Arc::new(Upstream::of(origin, self.limits))),
        )
    }
}

/// Returns the delay in the header `Retry-After`.
pub(crate) fn retry_after(reply: &Reply) -> Option<Duration> {
    wait_text::wait(reply.header("retry-after")?, SystemTime::now())
}

/// The state of an origin: its retry budget, circuit breaker and pauses.
pub(crate) struct Upstream {
    /// The origin as text, for messages.
    name: String,
    /// The maximum number of attempts of a call.
    attempts: u32,
    budget: RetryBudget,
    breaker: Breaker,
    pauses: Pauses,
}

impl Upstream {
    /// Creates the state of the origin of `base`, with the default limits.
    #[cfg(test)]
    pub(crate) fn untried(base: &BaseUrl) -> Arc<Self> {
        let environment = crate::common::environment::Environment::of::<String, String>([]);
        let connector = crate::call::rows::Connector::new("shop");
        Upstreams::new(UpstreamLimits::of(&connector, &environment).0).of(base)
    }

    /// Returns the origin as text, for messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn of(origin: &Origin, limits: UpstreamLimits) -> Self {
        Self {
            name: origin.to_string(),
            attempts: limits.attempts,
            budget: RetryBudget::default(),
            breaker: Breaker::new(limits.breaker),
            pauses: Pauses::default(),
        }
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upstream({})", self.name)
    }
}
