//! Rights that do not change while a service runs.

use std::sync::Arc;

use super::compiled::CompiledRights;
use super::document::RightsDocument;
use super::error::RightsError;
use crate::common::caller::Caller;
use crate::engine::known_tool::KnownTool;
use crate::engine::policy::permit::{Permission, Permit};
use crate::engine::request::{Arguments, Target};

/// The rights of a document, for a service that does not follow the stored rights.
#[derive(Debug)]
pub struct FixedRights(CompiledRights);

impl FixedRights {
    /// Parses a rights document.
    ///
    /// # Errors
    /// Returns the first problem in the document.
    pub fn parse(document: &str) -> Result<Self, RightsError> {
        Self::for_tools(document, &(Arc::new([]) as Arc<[KnownTool]>))
    }

    /// Parses a rights document for tools whose tags and effects are known.
    ///
    /// # Errors
    /// Returns the first problem in the document.
    pub(crate) fn for_tools(document: &str, tools: &Arc<[KnownTool]>) -> Result<Self, RightsError> {
        Ok(Self(CompiledRights::new(RightsDocument::parse(document)?, tools)))
    }
}

impl Permit for FixedRights {
    fn decide(&self, caller: &Caller, target: Target<'_>, arguments: Option<&Arguments>) -> Permission {
        self.0.decide(caller, target, arguments)
    }

    fn version(&self, caller: &Caller) -> u64 {
        self.0.version(caller)
    }

    fn may_approve(&self, caller: &Caller) -> bool {
        self.0.may_approve(caller)
    }

    fn may_approve_own(&self, caller: &Caller) -> bool {
        self.0.may_approve_own(caller)
    }
}
