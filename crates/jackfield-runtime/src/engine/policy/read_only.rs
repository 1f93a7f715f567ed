//! A permission that allows only reads.

use std::sync::Arc;

use jackfield_recipe::Effect;
use tokio::sync::watch;

use super::permit::{Permission, Permit};
use crate::common::caller::{Caller, Principal};
use crate::engine::request::{Arguments, Target};

/// Hides every target whose effect is not `read`. Another permission decides about the remaining targets.
pub(crate) struct ReadOnly(pub(crate) Option<Arc<dyn Permit>>);

impl Permit for ReadOnly {
    fn decide(&self, caller: &Caller, target: Target<'_>, arguments: Option<&Arguments>) -> Permission {
        match &self.0 {
            _ if target.effect != Effect::Read => Permission::Hidden,
            Some(other) => other.decide(caller, target, arguments),
            None => Permission::Allowed,
        }
    }

    fn version(&self, caller: &Caller) -> u64 {
        self.0.as_ref().map_or(0, |other| other.version(caller))
    }

    fn changes(&self) -> Option<watch::Receiver<u64>> {
        self.0.as_ref().and_then(|other| other.changes())
    }

    fn revocations(&self) -> Option<watch::Receiver<u64>> {
        self.0.as_ref().and_then(|other| other.revocations())
    }

    fn still_permits(&self, caller: &Caller, target: Target<'_>) -> bool {
        self.0.as_ref().is_none_or(|other| other.still_permits(caller, target))
    }

    fn may_approve(&self, caller: &Caller) -> bool {
        self.0.as_ref().map_or(*caller.principal() == Principal::Local, |other| other.may_approve(caller))
    }

    fn may_approve_own(&self, caller: &Caller) -> bool {
        self.0.as_ref().is_some_and(|other| other.may_approve_own(caller))
    }
}
